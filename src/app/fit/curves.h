// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tenbin {

// Of two classes: what each threshold would give, and whether probabilities mean what they say.
struct RocPoint {
  double false_positive_rate = 0, true_positive_rate = 0;
};
// From (0, 0) to (1, 1) by falling threshold, ties as one point; at most about `most` points, the
// corners kept. Empty when one class is missing. Same sizes.
std::vector<RocPoint> roc_curve(std::span<const float> probability,
                                std::span<const std::int64_t> labels, std::size_t most = 400);

struct CalibrationBin {
  double predicted = 0;   // mean probability of its rows
  double observed = 0;    // share of them that is class 1
  double lo = 0, hi = 0;  // 95 % Wilson interval of observed
  std::int64_t rows = 0;
};
// At most ten bins by rising probability, of as equal a number of rows as ties allow and at least
// twenty: fewer say nothing. One bin for fewer than forty rows.
std::vector<CalibrationBin> calibration(std::span<const float> probability,
                                        std::span<const std::int64_t> labels);

}  // namespace tenbin
