// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tenbin::bench {

// The median; the mean of the two middle values for an even count. `values` must not be empty.
double median(std::vector<double> values);

// Correlation of each value with its successor, -1 to 1; 0 where there is no variation.
double lag_one(std::span<const double> values);

struct Interval {
  double median = 0;
  double low = 0, high = 0;  // 95 %
  int block = 1;             // values drawn together
};

// Median with its 95 % percentile-bootstrap interval: `resamples` draws of as many values, in runs
// of 4 when lag_one() is above 0.3 (Kuensch 1989). The same values and seed give the same answer.
// `values` in the order they were measured, not empty.
Interval bootstrap(std::span<const double> values, int resamples = 10'000, std::uint64_t seed = 1);

}  // namespace tenbin::bench
