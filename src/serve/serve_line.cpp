// SPDX-License-Identifier: Apache-2.0
#include "serve/serve_line.h"

#include <algorithm>
#include <utility>

namespace tenbin {
namespace {

constexpr Duration kLook = 100ms;  // between looks at the shortest wait

constexpr int kOfSloHundredths = 75;  // who would take longer is refused: paces are estimates
constexpr Duration kAfterOverload = 1s;

// Uniform in [0, 1), spread evenly over neighbours: the golden ratio's multiples.
double lot(std::uint64_t n) {
  return static_cast<double>((n * 0x9E3779B97F4A7C15ull) >> 11) * 0x1.0p-53;
}

}  // namespace

Duration ServeLine::row_time() const {
  const std::size_t now = version_->current.load();
  double ns = row_ns_;
  if (ns == 0) {
    ns = static_cast<double>(row_cost(version_->variants[now].times).count()) / options_.threads;
  } else if (now != paced_) {
    // What was seen is another variant's pace.
    ns *= static_cast<double>(row_cost(version_->variants[now].times).count()) /
          static_cast<double>(row_cost(version_->variants[paced_].times).count());
  }
  return Duration(static_cast<std::int64_t>(ns));
}

void ServeLine::note_pace(std::int64_t rows, Duration now) {
  const std::size_t variant = version_->current.load();
  if (variant != paced_) {
    if (row_ns_ != 0) row_ns_ = static_cast<double>(row_time().count());
    paced_ = variant;
    moved_rows_ = 0;
  }
  if (moved_rows_ > 0) {
    const double sample =
        static_cast<double>((now - moved_).count()) / static_cast<double>(moved_rows_);
    row_ns_ = row_ns_ == 0 ? sample : row_ns_ + 0.1 * (sample - row_ns_);
  }
  moved_ = now;
  moved_rows_ = queue_.empty() ? 0 : rows;
}

LoadSnapshot ServeLine::load(std::int64_t rows, Duration arrived, Duration deadline,
                             Duration now) const {
  LoadSnapshot load;
  load.waiting = queue_.size();
  load.most = options_.most_waiting;
  load.wait = row_time() * rows_;
  load.service = time_of(version_->variants[version_->current.load()].times, rows);
  if (deadline != Duration::max()) load.left = deadline - now;
  if (options_.slo && load.waiting > 0) {
    load.left = std::min(load.left, arrived + *options_.slo * kOfSloHundredths / 100 - now);
  }
  load.share = share_;
  return load;
}

std::optional<Error> ServeLine::error_of(Admission admission, const LoadSnapshot& load) const {
  switch (admission) {
    case Admission::kTake: return std::nullopt;
    case Admission::kQueueFull:
      return Error(ErrorCode::kOverloaded, "the queue of model '" + version_->model + "' is full");
    case Admission::kTooLate: {
      const bool by_slo = options_.slo && load.waiting > 0 && load.left <= *options_.slo;
      return Error(by_slo ? ErrorCode::kOverloaded : ErrorCode::kDeadlinePassed,
                   "the answer would take " + to_text(load.wait + load.service) +
                       ", expected within " + to_text(std::max(load.left, Duration::zero())));
    }
    case Admission::kOverload:
      return Error(ErrorCode::kOverloaded,
                   "model '" + version_->model + "' has more requests than it answers in time");
  }
  return std::nullopt;
}

std::optional<Error> ServeLine::refusal(Duration arrived, Duration deadline, Duration now) const {
  const LoadSnapshot found = load(1, arrived, deadline, now);
  return error_of(decide(found), found);
}

std::optional<Error> ServeLine::join(ServeJob& job, Duration now) {
  // Nobody waits, and what was taken last must be done: there was time for more.
  const BatchTimes& times = version_->variants[version_->current.load()].times;
  const Duration busy = taken_rows_ > 0 ? time_of(times, taken_rows_) : Duration::zero();
  caught_up_ = caught_up_ || (queue_.empty() && now > moved_ + busy);
  // A queue that stands still has no waits to look at; its share recovers as time passes.
  if (now - looked_ >= kLook) note_wait(Duration::max(), now);
  LoadSnapshot found = load(job.rows, job.request.arrived, job.request.deadline, now);
  found.draw = lot(++lots_);
  if (auto error = error_of(decide(found), found)) return error;
  rows_ += job.rows;
  version_->stats().waiting.fetch_add(1, std::memory_order_relaxed);
  queue_.push(std::move(job));
  return std::nullopt;
}

// Where batches take longer than they did when they were measured, fewer rows fit into one.
BatchLimits ServeLine::limits_now() const {
  BatchLimits limits = options_.batch;
  if (limits.longest == Duration::max()) return limits;
  const double measured =
      static_cast<double>(row_cost(version_->variants[version_->current.load()].times).count()) /
      options_.threads;
  const double slower = static_cast<double>(row_time().count()) / measured;
  if (slower > 1) limits.longest = seconds(in_seconds(limits.longest) / slower);
  return limits;
}

std::vector<ServeJob> ServeLine::next(Duration now, std::vector<ServeJob>& dropped) {
  if (queue_.empty()) return {};
  const BatchTimes& times = version_->variants[version_->current.load()].times;
  std::int64_t rows = 1;
  if (version_->batched) rows = rows_to_run(times, queue_.snapshot(now), limits_now());
  const std::size_t before = dropped.size();
  // It ends a while after all are admitted again: what piled up meanwhile must not come first.
  if (share_ < 1) overloaded_until_ = now + kAfterOverload;
  RequestQueue::Overload overload{now < overloaded_until_, Duration::max()};
  if (overload.newest_first && options_.slo) overload.useful = *options_.slo;
  std::vector<ServeJob> batch = queue_.take(rows, now, overload, dropped);
  taken_rows_ = 0;
  for (const ServeJob& job : batch) taken_rows_ += job.rows;
  for (const ServeJob& job : batch) {
    rows_ -= job.rows;
    note_wait(now - job.request.arrived, now);
  }
  for (std::size_t i = before; i < dropped.size(); ++i) rows_ -= dropped[i].rows;
  std::int64_t moved = 0;
  for (const ServeJob& job : batch) moved += job.rows;
  note_pace(moved, now);
  const auto gone = static_cast<std::int64_t>(batch.size() + dropped.size() - before);
  version_->stats().waiting.fetch_sub(gone, std::memory_order_relaxed);
  return batch;
}

void ServeLine::expire(Duration now, std::vector<ServeJob>& dropped) {
  const std::size_t before = dropped.size();
  queue_.take_dead(now, dropped);
  for (std::size_t i = before; i < dropped.size(); ++i) rows_ -= dropped[i].rows;
  version_->stats().waiting.fetch_sub(static_cast<std::int64_t>(dropped.size() - before),
                                      std::memory_order_relaxed);
}

void ServeLine::note_wait(Duration wait, Duration now) {
  shortest_ = std::min(shortest_, wait);
  if (now - looked_ < kLook) return;
  const bool seen = shortest_ != Duration::max();
  const bool caught_up = std::exchange(caught_up_, false);
  // Intervals in which nobody came count too.
  const auto intervals = std::clamp<std::int64_t>((now - looked_) / kLook, 1, 20);
  for (std::int64_t i = 0; i < (caught_up ? intervals : 1); ++i) {
    share_ = next_share(options_.overload, share_, seen ? shortest_ : Duration::zero(), caught_up);
  }
  shortest_ = Duration::max();
  looked_ = now;
}

namespace {

std::string names_of(const std::vector<ValueInfo>& values) {
  std::string out;
  for (const ValueInfo& value : values) out += (out.empty() ? "'" : ", '") + value.name + "'";
  return out;
}

std::string described(ElementType type, const Shape& shape) {
  return std::string(element_name(type)) + " " + to_text(shape);
}

bool fits(const ValueInfo& want, const Tensor& tensor) {
  if (want.type != tensor.type()) return false;
  if (!want.has_shape) return true;
  const Shape& shape = tensor.shape();
  return std::equal(shape.begin(), shape.end(), want.shape.begin(), want.shape.end(),
                    [](std::int64_t have, std::int64_t size) { return size < 0 || have == size; });
}

Error mismatch(std::string text, std::size_t input) {
  return Error(ErrorCode::kInputMismatch, std::move(text), "inputs[" + std::to_string(input) + "]");
}

// A thing of a list by its name, or as many as there are.
template <class List> std::size_t position(const List& list, const std::string& name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.name == name; });
  return static_cast<std::size_t>(found - list.begin());
}

Status take_inputs(InferRequest& request, ServeJob& job) {
  const std::vector<ValueInfo>& wanted = job.version->inputs;
  job.inputs.resize(wanted.size());
  for (std::size_t i = 0; i < request.inputs.size(); ++i) {
    NamedTensor& given = request.inputs[i];
    const std::size_t at = position(wanted, given.name);
    if (at == wanted.size()) {
      return mismatch(
          "input '" + given.name + "' is not of the model, expected " + names_of(wanted), i);
    }
    if (job.inputs[at].defined()) return mismatch("input '" + given.name + "' is given twice", i);
    if (!fits(wanted[at], given.tensor)) {
      return mismatch("input '" + given.name + "' is " +
                          described(given.tensor.type(), given.tensor.shape()) + ", expected " +
                          described(wanted[at].type, wanted[at].shape),
                      i);
    }
    job.inputs[at] = std::move(given.tensor);
  }
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    if (!job.inputs[at].defined()) {
      return Error(ErrorCode::kInputMismatch,
                   "input '" + wanted[at].name + "' is missing, expected " + names_of(wanted),
                   "inputs");
    }
  }
  return {};
}

constexpr std::int64_t kMostRows = 4096;

Status count_rows(ServeJob& job) {
  if (!job.version->batched) return {};
  job.rows = job.inputs.front().shape()[0];
  for (std::size_t i = 0; i < job.inputs.size(); ++i) {
    const std::int64_t rows = job.inputs[i].shape()[0];
    if (rows != job.rows) {
      return mismatch("input '" + job.version->inputs[i].name + "' has " + std::to_string(rows) +
                          " rows, the first one " + std::to_string(job.rows),
                      i);
    }
  }
  if (job.rows >= 1 && job.rows <= kMostRows) return {};
  return mismatch(std::to_string(job.rows) + " rows, expected 1 to " + std::to_string(kMostRows) +
                      " in a request",
                  0);
}

Status take_wanted(const InferRequest& request, ServeJob& job) {
  const std::vector<ValueInfo>& outputs = job.version->outputs;
  if (request.wanted.empty()) {
    for (std::size_t i = 0; i < outputs.size(); ++i) job.wanted.push_back(i);
  }
  for (const std::string& name : request.wanted) {
    const std::size_t at = position(outputs, name);
    if (at == outputs.size()) {
      return Error(ErrorCode::kInputMismatch,
                   "output '" + name + "' is not of the model, expected " + names_of(outputs),
                   "outputs");
    }
    if (std::find(job.wanted.begin(), job.wanted.end(), at) != job.wanted.end()) {
      return Error(ErrorCode::kInputMismatch, "output '" + name + "' is asked for twice",
                   "outputs");
    }
    job.wanted.push_back(at);
  }
  return {};
}

}  // namespace

Status fill_job(InferRequest& request, ServeJob& job) {
  TENBIN_CHECK(take_inputs(request, job));
  TENBIN_CHECK(count_rows(job));
  return take_wanted(request, job);
}

Error dropped_error(const ServeJob& job) {
  if (job.cancelled()) return Error(ErrorCode::kCancelled, "the client left before its turn");
  if (job.too_old) {
    return Error(ErrorCode::kOverloaded,
                 "model '" + job.version->model + "' has more requests than it answers in time");
  }
  return Error(ErrorCode::kDeadlinePassed, "the deadline passed before the request's turn");
}

}  // namespace tenbin
