// SPDX-License-Identifier: Apache-2.0
// What the model answers on the test rows, and how fast.
#include <algorithm>
#include <cmath>

#include "app/fit/document_parts.h"

namespace tenbin {
namespace {

// Bins of equal width on a logarithmic axis, eight a decade.
Json histogram(const std::vector<Duration>& sorted) {
  Json out = Json::array();
  const auto bin = [](Duration d) {
    return static_cast<std::int64_t>(std::floor(8 * std::log10(std::max(in_seconds(d), 1e-9))));
  };
  for (std::size_t i = 0; i < sorted.size();) {
    const std::int64_t b = bin(sorted[i]);
    std::size_t j = i;
    while (j < sorted.size() && bin(sorted[j]) == b) ++j;
    out.push(Json::object({{"from", std::pow(10, static_cast<double>(b) / 8)},
                           {"to", std::pow(10, static_cast<double>(b + 1) / 8)},
                           {"count", static_cast<std::int64_t>(j - i)}}));
    i = j;
  }
  return out;
}

// Those with at least ten samples beyond them.
Json quantiles(const std::vector<Duration>& sorted) {
  Json out = Json::array();
  for (const double q : {0.5, 0.75, 0.9, 0.95, 0.99, 0.999}) {
    const auto n = static_cast<double>(sorted.size());
    if (n * (1 - q) < 9.999) break;
    out.push(
        Json::object({{"q", q}, {"seconds", in_seconds(sorted[static_cast<std::size_t>(q * n)])}}));
  }
  return out;
}

void add_curves(Json& out, const FitFacts& f) {
  if (f.test.roc.empty()) return;
  Json points = Json::array();
  for (const RocPoint& p : f.test.roc) {
    points.push(Json::object({{"fpr", p.false_positive_rate}, {"tpr", p.true_positive_rate}}));
  }
  out.set("roc", Json::object({{"positive", f.prepared->target.class_names[1]},
                               {"points", std::move(points)}}));
  Json bins = Json::array();
  for (const CalibrationBin& b : f.test.calibration) {
    bins.push(Json::object({{"predicted", b.predicted},
                            {"observed", b.observed},
                            {"lo", b.lo},
                            {"hi", b.hi},
                            {"rows", b.rows}}));
  }
  out.set("calibration", std::move(bins));
}

}  // namespace

Json latency_part(const FitFacts& f) {
  Json one = Json::object({{"samples", f.latency.samples}});
  if (f.latency.p50) one.set("p50", in_seconds(*f.latency.p50));
  if (f.latency.p99)
    one.set("p99", in_seconds(*f.latency.p99));
  else
    one.set("reason", f.latency.p99_reason);
  one.set("preempted", f.latency.preempted);
  if (f.latency.p99_with_preempted) {
    one.set("p99_with_preempted", in_seconds(*f.latency.p99_with_preempted));
  }
  one.set("quantiles", quantiles(f.latency.times));
  one.set("histogram", histogram(f.latency.times));
  return Json::object(
      {{"batch_1", std::move(one)},
       {"throughput", Json::object({{"batch", f.throughput.batch},
                                    {"threads", f.throughput.threads},
                                    {"rows_per_second", f.throughput.rows_per_second}})},
       {"threads", 1},
       {"method",
        "closed loop, raw row in, label out, one thread; throughput on one or all threads, the "
        "faster"}});
}

void add_answers(Json& out, const FitFacts& f) {
  Json scores = Json::array();
  for (const Score& score : f.test.scores) scores.push(to_json(score));
  out.set("scores", std::move(scores));
  out.set("rows_scored", f.test.rows);
  if (f.prepared->target.classifies()) {
    const auto classes = static_cast<std::size_t>(f.prepared->target.classes());
    Json counts = Json::array();
    for (std::size_t i = 0; i + classes <= f.test.confusion.size(); i += classes) {
      const auto row = std::span(f.test.confusion).subspan(i, classes);
      counts.push(Json::array_of(row));
    }
    out.set("confusion", Json::object({{"classes", Json::array_of(f.prepared->target.class_names)},
                                       {"counts", std::move(counts)}}));
    add_curves(out, f);
    return;
  }
  Json residuals = Json::array();
  for (const auto& [target, predicted] : f.test.residuals) {
    residuals.push(Json::object(
        {{"target", static_cast<double>(target)}, {"predicted", static_cast<double>(predicted)}}));
  }
  out.set("residuals", std::move(residuals));
}

}  // namespace tenbin
