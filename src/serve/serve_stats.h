// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include "base/error.h"
#include "base/units.h"

namespace tenbin {

// Counts by size of value: bounds are upper ones, the last bucket has none. Any thread adds.
class ServeHistogram {
 public:
  // Seconds from 50 us to 10 s, and counts from 1 to 1,024.
  static constexpr std::array<double, 17> kSeconds = {5e-05, 1e-04, 2.5e-04, 5e-04, 1e-03, 2.5e-03,
                                                      5e-03, 0.01,  0.025,   0.05,  0.1,   0.25,
                                                      0.5,   1,     2.5,     5,     10};
  static constexpr std::array<double, 11> kCounts = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
  explicit ServeHistogram(std::span<const double> bounds) : bounds_(bounds) {}

  void add(double value, std::int64_t times = 1);
  std::span<const double> bounds() const { return bounds_; }
  std::int64_t count(std::size_t bucket) const {
    return counts_[bucket].load(std::memory_order_relaxed);
  }
  std::int64_t total() const;
  // How many were over the bound that is `value` or the next above it.
  std::int64_t above(double value) const;
  double sum() const { return static_cast<double>(sum_.load(std::memory_order_relaxed)) / 1e9; }

 private:
  std::span<const double> bounds_;
  std::array<std::atomic<std::int64_t>, 18> counts_{};
  std::atomic<std::int64_t> sum_{0};  // billionths
};

// A number of times and how long they took together.
struct TimedCount {
  std::atomic<std::int64_t> count{0}, ns{0};
  void add(std::int64_t times, Duration time) {
    count.fetch_add(times, std::memory_order_relaxed);
    ns.fetch_add(time.count(), std::memory_order_relaxed);
  }
};

// Counts of one version of a model since the server started. Any thread adds and reads.
struct ServeStats {
  std::atomic<std::int64_t> last_inference_ms{0};  // wall clock, since 1970
  std::atomic<std::int64_t> rows{0};               // inferences
  std::atomic<std::int64_t> runs{0};               // executions: batches
  std::atomic<std::int64_t> padding_rows{0};
  TimedCount success, fail, queue, compute_input, compute_infer, compute_output;
  std::atomic<std::int64_t> cancelled{0};
  std::atomic<std::int64_t> run_failed{0};  // requests that the model could not compute
  std::atomic<std::int64_t> not_finite{0};  // answers with NaN or infinity
  std::atomic<std::int64_t> rejected_deadline{0}, rejected_throttle{0}, rejected_overload{0},
      rejected_power{0};
  std::atomic<std::int64_t> waiting{0}, under_way{0};
  ServeHistogram request_time{ServeHistogram::kSeconds}, queue_time{ServeHistogram::kSeconds},
      compute_time{ServeHistogram::kSeconds}, batch_rows{ServeHistogram::kCounts};
  // By log2 of the batch's rows.
  std::array<TimedCount, 13> by_rows;
  // By variant, up to as many.
  static constexpr std::size_t kVariants = 8;
  std::array<std::atomic<std::int64_t>, kVariants> by_variant{};
  // For the choice of the variant: reset by who looks.
  std::atomic<std::int64_t> longest_wait_ns{0}, busy_ns{0};
  // Attributed [nJ].
  std::atomic<std::int64_t> request_energy{0}, padding_energy{0};

  void refuse(ErrorCode code);
};

}  // namespace tenbin
