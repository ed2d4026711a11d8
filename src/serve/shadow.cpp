// SPDX-License-Identifier: Apache-2.0
#include "serve/shadow.h"

#include <algorithm>
#include <cmath>
#include <mutex>

namespace tenbin {
namespace {

constexpr std::int64_t kMostWaiting = 64;  // requests of a shadow
constexpr Duration kLongestWait = 1s;      // of a request for its shadow's turn

template <class T> std::int64_t same_values(const Tensor& a, const Tensor& b, std::int64_t rows) {
  const auto x = a.data<T>();
  const auto y = b.data<T>();
  const std::size_t each = x.size() / static_cast<std::size_t>(rows);
  std::int64_t same = 0;
  for (std::size_t at = 0; at + each <= x.size() && each > 0; at += each) {
    const auto ours = x.subspan(at, each);
    same += std::equal(ours.begin(), ours.end(), y.subspan(at, each).begin()) ? 1 : 0;
  }
  return same;
}

// Rows whose largest value stands at the same place.
std::int64_t same_places(std::span<const float> a, std::span<const float> b, std::int64_t rows) {
  const auto each = static_cast<std::ptrdiff_t>(a.size()) / rows;
  std::int64_t same = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    const auto x = a.begin() + r * each, y = b.begin() + r * each;
    same += std::max_element(x, x + each) - x == std::max_element(y, y + each) - y ? 1 : 0;
  }
  return same;
}

double relative_difference(std::span<const float> a, std::span<const float> b) {
  double scale = 0, most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    scale = std::max(scale, std::abs(static_cast<double>(a[i])));
    const double apart = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    most = std::isnan(apart) ? INFINITY : std::max(most, apart);
  }
  return scale > 0 ? most / scale : most;
}

void raise(std::atomic<double>& value, double to) {
  double seen = value.load();
  while (to > seen && !value.compare_exchange_weak(seen, to)) {
  }
}

void compare_tensors(const Tensor& a, const Tensor& b, ShadowStats& stats) {
  if (a.type() != b.type() || a.shape() != b.shape()) {
    raise(stats.largest, INFINITY);
    return;
  }
  const std::int64_t rows = a.shape().empty() ? 1 : a.shape()[0];
  if (rows == 0 || a.count() == 0) return;
  std::int64_t same = 0;
  switch (a.type()) {
    case ElementType::kFloat32:
      raise(stats.largest, relative_difference(a.data<float>(), b.data<float>()));
      // One number a row has no label.
      if (a.count() == rows) return;
      same = same_places(a.data<float>(), b.data<float>(), rows);
      break;
    case ElementType::kInt64: same = same_values<std::int64_t>(a, b, rows); break;
    case ElementType::kInt32: same = same_values<std::int32_t>(a, b, rows); break;
    case ElementType::kString: same = same_values<std::string>(a, b, rows); break;
    default: return;
  }
  stats.rows.fetch_add(rows);
  stats.same_label.fetch_add(same);
}

// Waits for the two answers of one request.
class AnswerPair {
 public:
  explicit AnswerPair(std::shared_ptr<ShadowStats> stats) : stats_(std::move(stats)) {}

  void sent(const Result<InferAnswer>& result) { arrived(result, sent_); }
  void shadowed(const Result<InferAnswer>& result) { arrived(result, shadow_); }

 private:
  struct Side {
    bool here = false;
    std::optional<InferAnswer> answer;
    ErrorCode error{};
  };

  void arrived(const Result<InferAnswer>& result, Side& side) {
    const std::lock_guard lock(mutex_);
    side.here = true;
    if (result.ok()) {
      side.answer = *result;
    } else {
      side.error = result.error().code();
    }
    if (!sent_.here || !shadow_.here || !sent_.answer) return;
    if (shadow_.answer) {
      compare_answers(*sent_.answer, *shadow_.answer, *stats_);
      return;
    }
    const bool late = shadow_.error == ErrorCode::kDeadlinePassed ||
                      shadow_.error == ErrorCode::kOverloaded ||
                      shadow_.error == ErrorCode::kCancelled;
    (late ? stats_->left_out : stats_->failed).fetch_add(1);
  }

  std::mutex mutex_;
  Side sent_, shadow_;
  std::shared_ptr<ShadowStats> stats_;
};

}  // namespace

void compare_answers(const InferAnswer& sent, const InferAnswer& shadow, ShadowStats& stats) {
  const std::size_t outputs = std::min(sent.outputs.size(), shadow.outputs.size());
  for (std::size_t i = 0; i < outputs; ++i) {
    compare_tensors(sent.outputs[i].tensor, shadow.outputs[i].tensor, stats);
  }
  stats.compared.fetch_add(1);
}

std::optional<ServeJob> shadow_job(ServeJob& job, std::shared_ptr<ServedVersion> shadow,
                                   std::shared_ptr<ShadowStats> stats) {
  if (shadow->stats().waiting.load(std::memory_order_relaxed) >= kMostWaiting) {
    stats->left_out.fetch_add(1);
    return std::nullopt;
  }
  const auto pair = std::make_shared<AnswerPair>(std::move(stats));
  ServeJob copy;
  copy.version = std::move(shadow);
  copy.inputs = job.inputs;
  copy.wanted = job.wanted;
  copy.rows = job.rows;
  copy.background = true;
  copy.request.model = job.request.model;
  copy.request.arrived = job.request.arrived;
  copy.request.deadline = std::min(job.request.deadline, job.request.arrived + kLongestWait);
  copy.request.done = [pair](Result<InferAnswer> result) { pair->shadowed(result); };
  job.request.done = [pair, done = std::move(job.request.done)](Result<InferAnswer> result) {
    pair->sent(result);
    done(std::move(result));
  };
  return copy;
}

}  // namespace tenbin
