// SPDX-License-Identifier: Apache-2.0
#include "serve/run_batch.h"

#include <algorithm>
#include <bit>

#include "platform/clock.h"

namespace tenbin {
namespace {

std::size_t row_bytes(const Tensor& tensor, std::int64_t rows) {
  return rows == 0 ? 0 : tensor.byte_size() / static_cast<std::size_t>(rows);
}

Shape with_rows(const Shape& shape, std::int64_t rows) {
  Shape out = shape;
  out[0] = rows;
  return out;
}

// Copies rows [from, from + rows) of `source` behind row `at` of `target`.
void copy_rows(const Tensor& source, std::int64_t from, std::int64_t rows, Tensor& target,
               std::int64_t at) {
  const std::int64_t all = source.shape()[0];
  if (rows == 0 || all == 0) return;
  if (source.is_string()) {
    const std::int64_t each = source.count() / all;
    const auto texts = source.data<std::string>().subspan(static_cast<std::size_t>(from * each),
                                                          static_cast<std::size_t>(rows * each));
    std::copy(texts.begin(), texts.end(), target.data<std::string>().begin() + at * each);
    return;
  }
  const std::size_t each = row_bytes(source, all);
  const auto begin = source.bytes().begin() + static_cast<std::ptrdiff_t>(each) * from;
  std::copy(begin, begin + static_cast<std::ptrdiff_t>(each) * rows,
            target.bytes().begin() + static_cast<std::ptrdiff_t>(each) * at);
}

// The rows of several jobs as one sequence, from which pieces are taken in turn.
class RowsOfJobs {
 public:
  explicit RowsOfJobs(std::vector<ServeJob>& jobs) : jobs_(jobs) {}

  // Inputs of the next `rows` rows, with zeros where there are no more; `real` are jobs' rows.
  std::vector<Tensor> next_inputs(std::int64_t rows, std::int64_t& real) {
    std::vector<Tensor> inputs;
    for (const Tensor& input : jobs_.front().inputs) {
      inputs.emplace_back(input.type(), with_rows(input.shape(), rows));
    }
    real = 0;
    while (real < rows && in_ < jobs_.size()) {
      const ServeJob& job = jobs_[in_];
      const std::int64_t part = std::min(rows - real, job.rows - in_row_);
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        copy_rows(job.inputs[i], in_row_, part, inputs[i], real);
      }
      real += part;
      in_row_ += part;
      if (in_row_ == job.rows) {
        ++in_;
        in_row_ = 0;
      }
    }
    return inputs;
  }

  // Hands `real` rows of outputs to the jobs that they belong to.
  void give_outputs(const std::vector<Tensor>& outputs, std::int64_t real,
                    std::vector<std::vector<Tensor>>& answers) {
    for (std::int64_t at = 0; at < real;) {
      const ServeJob& job = jobs_[out_];
      std::vector<Tensor>& answer = answers[out_];
      if (answer.empty()) {
        for (const Tensor& output : outputs) {
          answer.emplace_back(output.type(), with_rows(output.shape(), job.rows));
        }
      }
      const std::int64_t part = std::min(real - at, job.rows - out_row_);
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        copy_rows(outputs[i], at, part, answer[i], out_row_);
      }
      at += part;
      out_row_ += part;
      if (out_row_ == job.rows) {
        ++out_;
        out_row_ = 0;
      }
    }
  }

 private:
  std::vector<ServeJob>& jobs_;
  std::size_t in_ = 0, out_ = 0;
  std::int64_t in_row_ = 0, out_row_ = 0;
};

struct Ran {
  std::vector<std::vector<Tensor>> answers;  // of each job
  std::int64_t padding = 0;
  Duration input{}, infer{}, output{};
};

// A batch alone, or all rows of several as pieces of measured sizes.
Result<Ran> run_all(std::vector<ServeJob>& jobs, const ServedVariant& variant, Session& session,
                    std::int64_t rows, Clock& clock) {
  Ran ran;
  ran.answers.resize(jobs.size());
  const bool batched = jobs.front().version->batched;
  const std::vector<std::int64_t> pieces =
      batched && rows > 0 ? pieces_of(variant.times, rows) : std::vector<std::int64_t>{rows};
  const Duration begin = clock.steady_now();
  if (jobs.size() == 1 && pieces.size() == 1 && pieces[0] == rows) {
    TENBIN_TRY(ran.answers[0], session.run(jobs[0].inputs));
    ran.infer = clock.steady_now() - begin;
    return ran;
  }
  RowsOfJobs sequence(jobs);
  Duration at = begin;
  const auto since = [&at, &clock] {
    const Duration before = std::exchange(at, clock.steady_now());
    return at - before;
  };
  for (const std::int64_t piece : pieces) {
    std::int64_t real = 0;
    const std::vector<Tensor> inputs = sequence.next_inputs(piece, real);
    ran.input += since();
    TENBIN_TRY(const std::vector<Tensor> outputs, session.run(inputs));
    ran.infer += since();
    for (const Tensor& output : outputs) {
      if (output.shape().empty() || output.shape()[0] != piece) {
        return Error(ErrorCode::kBug, "an output has " + to_text(output.shape()) + " for " +
                                          std::to_string(piece) + " rows");
      }
    }
    sequence.give_outputs(outputs, real, ran.answers);
    ran.output += since();
    ran.padding += piece - real;
  }
  return ran;
}

void count(const ServedVersion& version, std::size_t variant, const BatchFacts& batch,
           const Ran& ran, std::size_t jobs) {
  ServeStats& stats = version.stats();
  const auto n = static_cast<std::int64_t>(jobs);
  const auto relaxed = std::memory_order_relaxed;
  stats.rows.fetch_add(batch.rows, relaxed);
  stats.runs.fetch_add(1, relaxed);
  stats.padding_rows.fetch_add(batch.padding, relaxed);
  stats.busy_ns.fetch_add((batch.end - batch.begin).count(), relaxed);
  stats.compute_input.add(n, ran.input * n);
  stats.compute_infer.add(n, ran.infer * n);
  stats.compute_output.add(n, ran.output * n);
  stats.batch_rows.add(static_cast<double>(batch.rows));
  stats.compute_time.add(in_seconds(batch.end - batch.begin), n);
  const auto bucket = std::min<std::size_t>(
      stats.by_rows.size() - 1,
      static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(batch.rows))));
  stats.by_rows[bucket].add(1, ran.infer);
  if (variant < ServeStats::kVariants) stats.by_variant[variant].fetch_add(n, relaxed);
}

InferAnswer answer_of(const ServeJob& job, const BatchFacts& batch, std::vector<Tensor> outputs) {
  const ServedVersion& version = *job.version;
  InferAnswer answer;
  answer.model = version.model;
  answer.version = version.version;
  if (version.variants.size() > 1) answer.variant = version.variants[batch.variant].name;
  answer.queued = batch.begin - job.request.arrived;
  answer.computed = batch.end - batch.begin;
  answer.batch_rows = batch.rows;
  answer.outputs.reserve(job.wanted.size());
  for (const std::size_t i : job.wanted) {
    answer.outputs.push_back({version.outputs[i].name, std::move(outputs[i])});
  }
  return answer;
}

// Whether a value is NaN or infinite: all bits of the exponent are set.
bool has_non_finite(const std::vector<NamedTensor>& outputs) {
  constexpr std::uint32_t kExponent = 0x7F800000;
  bool found = false;
  for (const NamedTensor& output : outputs) {
    if (output.tensor.type() != ElementType::kFloat32) continue;
    for (const float value : output.tensor.data<float>()) {
      found |= (std::bit_cast<std::uint32_t>(value) & kExponent) == kExponent;
    }
  }
  return found;
}

// The job's share of the batch's cost, by its rows.
std::optional<RequestCost> share_of(const std::optional<RequestCost>& cost, std::int64_t rows,
                                    std::int64_t all) {
  if (!cost || all == 0) return std::nullopt;
  RequestCost out = *cost;
  const auto part = [&](Energy e) { return Energy{e.nanojoules * rows / all}; };
  out.energy = part(cost->energy);
  out.low = part(cost->low);
  out.high = part(cost->high);
  out.money = cost->money * static_cast<double>(rows) / static_cast<double>(all);
  return out;
}

}  // namespace

Duration& cpu_elsewhere() {
  thread_local Duration spent{};
  return spent;
}

void refuse(ServeJob& job, const Error& error) {
  ServeStats& stats = job.version->stats();
  stats.refuse(error.code());
  stats.fail.add(1, Duration::zero());
  stats.under_way.fetch_sub(1, std::memory_order_relaxed);
  job.request.done(error);
}

BatchFacts run_batch(std::vector<ServeJob> jobs, std::size_t variant, std::size_t session,
                     Clock& clock, BatchAccountant* accountant) {
  BatchFacts batch;
  const std::shared_ptr<ServedVersion> version = jobs.front().version;
  const ServedVariant& chosen = version->variants[variant];
  batch.version = version.get();
  batch.variant = variant;
  batch.requests = jobs.size();
  for (const ServeJob& job : jobs) batch.rows += job.rows;
  const Duration cpu = clock.thread_cpu() + cpu_elsewhere();
  batch.begin = clock.steady_now();
  auto ran = run_all(jobs, chosen, *chosen.sessions[session], batch.rows, clock);
  batch.end = clock.steady_now();
  batch.cpu = clock.thread_cpu() + cpu_elsewhere() - cpu;
  if (!ran.ok()) {
    version->stats().run_failed.fetch_add(static_cast<std::int64_t>(jobs.size()));
    for (ServeJob& job : jobs) refuse(job, ran.error());
    return batch;
  }
  batch.padding = ran->padding;
  count(*version, variant, batch, *ran, jobs.size());
  const auto cost = accountant == nullptr ? std::nullopt : accountant->account(batch);
  ServeStats& stats = version->stats();
  stats.last_inference_ms.store(clock.wall_now_ns() / 1'000'000, std::memory_order_relaxed);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    ServeJob& job = jobs[i];
    InferAnswer answer = answer_of(job, batch, std::move(ran->answers[i]));
    answer.cost = share_of(cost, job.rows, batch.rows);
    if (has_non_finite(answer.outputs)) stats.not_finite.fetch_add(1);
    stats.queue.add(1, answer.queued);
    stats.queue_time.add(in_seconds(answer.queued));
    if (answer.queued.count() > stats.longest_wait_ns.load(std::memory_order_relaxed)) {
      stats.longest_wait_ns.store(answer.queued.count(), std::memory_order_relaxed);
    }
    const Duration whole = batch.end - job.request.arrived;
    stats.success.add(1, whole);
    stats.request_time.add(in_seconds(whole));
    stats.under_way.fetch_sub(1, std::memory_order_relaxed);
    job.request.done(std::move(answer));
  }
  return batch;
}

}  // namespace tenbin
