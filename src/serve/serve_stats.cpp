// SPDX-License-Identifier: Apache-2.0
#include "serve/serve_stats.h"

#include <algorithm>

namespace tenbin {

void ServeHistogram::add(double value, std::int64_t times) {
  const auto bucket = static_cast<std::size_t>(
      std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin());
  counts_[bucket].fetch_add(times, std::memory_order_relaxed);
  sum_.fetch_add(static_cast<std::int64_t>(value * 1e9) * times, std::memory_order_relaxed);
}

std::int64_t ServeHistogram::total() const {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i <= bounds_.size(); ++i) sum += count(i);
  return sum;
}

std::int64_t ServeHistogram::above(double value) const {
  const auto bucket = static_cast<std::size_t>(
      std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin());
  std::int64_t sum = 0;
  for (std::size_t i = bucket + 1; i <= bounds_.size(); ++i) sum += count(i);
  return sum;
}

void ServeStats::refuse(ErrorCode code) {
  const auto one = [](std::atomic<std::int64_t>& n) { n.fetch_add(1, std::memory_order_relaxed); };
  switch (code) {
    case ErrorCode::kDeadlinePassed: return one(rejected_deadline);
    case ErrorCode::kThrottled: return one(rejected_throttle);
    case ErrorCode::kCancelled: return one(cancelled);
    case ErrorCode::kOverloaded: return one(rejected_overload);
    default: return;
  }
}

}  // namespace tenbin
