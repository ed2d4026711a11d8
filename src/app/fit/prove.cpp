// SPDX-License-Identifier: Apache-2.0
#include "app/fit/prove.h"

#include <algorithm>

#include "platform/clock.h"
#include "platform/random.h"

namespace tenbin {
namespace {

constexpr std::size_t kResiduals = 2'000;
constexpr int kWarmUp = 50;
constexpr std::size_t kBatch = 256;

Result<Tensor> answer(const Prepared& p, Session& session, std::span<const std::int64_t> rows) {
  TENBIN_TRY(const auto columns, column_tensors(p.data.table, session.inputs(), rows));
  TENBIN_TRY(auto outputs, session.run(columns));
  return std::move(outputs.back());  // probabilities, or the prediction
}

struct Answered {
  std::vector<std::int64_t> rows;  // of the table, ascending
  std::vector<float> values;       // as many for each
};

Result<Answered> answer_all(const Prepared& p, Session& session, std::uint64_t seed,
                            const std::function<bool()>& may_go_on, std::size_t most) {
  std::vector<std::int64_t> order = p.split.test;
  Random(seed, 0x74657374).shuffle(order);
  std::vector<std::pair<std::int64_t, std::size_t>> places;  // row, where its answer is
  std::vector<float> found;
  for (std::size_t at = 0; at < order.size() && (at == 0 || may_go_on()); at += most) {
    const auto part = std::span(order).subspan(at, std::min(most, order.size() - at));
    TENBIN_TRY(const Tensor out, answer(p, session, part));
    const auto values = out.data<float>();
    found.insert(found.end(), values.begin(), values.end());
    for (const std::int64_t row : part) places.emplace_back(row, places.size());
  }
  std::sort(places.begin(), places.end());
  const std::size_t width = places.empty() ? 0 : found.size() / places.size();
  Answered out;
  for (const auto& [row, place] : places) {
    out.rows.push_back(row);
    const auto from = found.begin() + static_cast<std::ptrdiff_t>(place * width);
    out.values.insert(out.values.end(), from, from + static_cast<std::ptrdiff_t>(width));
  }
  return out;
}

Duration quantile(std::vector<Duration>& times, double q) {
  std::sort(times.begin(), times.end());
  return times[std::min(times.size() - 1,
                        static_cast<std::size_t>(q * static_cast<double>(times.size())))];
}

}  // namespace

Result<TestScores> score_test_rows(const Prepared& p, Session& session, std::uint64_t seed,
                                   const std::function<bool()>& may_go_on, std::size_t most) {
  TENBIN_TRY(const Answered answered, answer_all(p, session, seed, may_go_on, most));
  const std::vector<float>& answers = answered.values;
  std::vector<float> targets;
  std::vector<std::int64_t> labels;
  for (const std::int64_t row : answered.rows) {
    const auto i = static_cast<std::size_t>(row);
    if (p.target.classifies())
      labels.push_back(p.target.labels[i]);
    else
      targets.push_back(p.target.values[i]);
  }
  TestScores out;
  out.rows = static_cast<std::int64_t>(answered.rows.size());
  if (p.target.classifies()) {
    const std::int64_t classes = p.target.classes();
    out.scores = classification_scores(answers, labels, classes);
    out.confusion = confusion_matrix(arg_max_rows(answers, classes), labels, classes);
    if (classes == 2) {
      std::vector<float> second;
      for (std::size_t i = 1; i < answers.size(); i += 2) second.push_back(answers[i]);
      out.roc = roc_curve(second, labels);
      out.calibration = calibration(second, labels);
    }
    return out;
  }
  out.scores = regression_scores(answers, targets);
  const std::size_t stride = targets.size() / kResiduals + 1;
  for (std::size_t i = 0; i < targets.size(); i += stride) {
    out.residuals.emplace_back(targets[i], answers[i]);
  }
  return out;
}

Result<Latency> sample_latency(const std::function<Status()>& request, Clock& clock,
                               const LatencyPlan& plan, const std::function<bool()>& may_go_on) {
  Latency out;
  std::vector<Duration> all;
  const Duration began = clock.steady_now();
  Duration now = began;
  while (static_cast<std::int64_t>(out.times.size()) < plan.samples && now - began < plan.most) {
    if (all.size() % 64 == 0 && !may_go_on()) break;
    const std::int64_t before = clock.preemptions();
    const Duration from = clock.steady_now();
    TENBIN_CHECK(request());
    now = clock.steady_now();
    all.push_back(now - from);
    if (clock.preemptions() == before)
      out.times.push_back(now - from);
    else
      ++out.preempted;
  }
  out.samples = static_cast<std::int64_t>(out.times.size());
  if (out.samples > 0) out.p50 = quantile(out.times, 0.5);
  if (out.samples >= plan.least) {
    out.p99 = quantile(out.times, 0.99);
    out.p99_with_preempted = quantile(all, 0.99);
  } else {
    out.p99_reason = std::to_string(out.samples) + " samples in the time left, " +
                     std::to_string(plan.least) + " are needed";
  }
  return out;
}

Result<Latency> measure_latency(const Prepared& p, Session& session, Clock& clock, Duration most,
                                const std::function<bool()>& may_go_on) {
  const std::vector<std::int64_t>& rows = p.split.test;
  std::vector<std::vector<Tensor>> inputs;  // a few different rows, read before the clock starts
  for (std::size_t i = 0; i < std::min<std::size_t>(rows.size(), 64); ++i) {
    TENBIN_TRY(auto columns,
               column_tensors(p.data.table, session.inputs(), std::span(rows).subspan(i, 1)));
    inputs.push_back(std::move(columns));
  }
  std::size_t next = 0;
  const auto request = [&]() -> Status {
    TENBIN_CHECK(session.run(inputs[next++ % inputs.size()]));
    return {};
  };
  for (int i = 0; i < kWarmUp; ++i) TENBIN_CHECK(request());
  LatencyPlan plan;
  plan.most = most;
  return sample_latency(request, clock, plan, may_go_on);
}

Result<Throughput> measure_throughput(const Prepared& p, Session& session, Clock& clock,
                                      Duration most, const std::function<bool()>& may_go_on,
                                      std::size_t most_rows) {
  const auto rows =
      std::span(p.split.test).first(std::min({p.split.test.size(), kBatch, most_rows}));
  TENBIN_TRY(const auto columns, column_tensors(p.data.table, session.inputs(), rows));
  Throughput out;
  out.batch = static_cast<std::int64_t>(rows.size());
  TENBIN_CHECK(session.run(columns));
  out.began = clock.steady_now();
  Duration now = out.began;
  do {
    TENBIN_CHECK(session.run(columns));
    out.rows += out.batch;
    now = clock.steady_now();
  } while (now - out.began < most && may_go_on());
  out.ended = now;
  out.rows_per_second = static_cast<double>(out.rows) / in_seconds(out.ended - out.began);
  return out;
}

}  // namespace tenbin
