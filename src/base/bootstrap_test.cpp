// SPDX-License-Identifier: Apache-2.0
#include "base/bootstrap.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

// Ratios recorded on a two-core machine: a training step, 15 pairs.
const std::vector<double> kRecorded = {2.41, 2.38, 2.52, 2.47, 2.44, 2.40, 2.61, 2.39,
                                       2.45, 2.50, 2.43, 2.36, 2.48, 2.42, 2.46};

TEST(Bootstrap, MedianOfOddAndEvenCounts) {
  EXPECT_DOUBLE_EQ(median({3, 1, 2}), 2);
  EXPECT_DOUBLE_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_DOUBLE_EQ(median({7}), 7);
}

TEST(Bootstrap, IntervalHoldsTheMedianOfRecordedRatios) {
  const Interval found = bootstrap(kRecorded);
  EXPECT_DOUBLE_EQ(found.median, 2.44);
  EXPECT_GT(found.low, 2.37) << "the ends are medians of resamples, not extremes";
  EXPECT_LT(found.low, 2.44);
  EXPECT_GT(found.high, 2.44);
  EXPECT_LT(found.high, 2.52);
  EXPECT_EQ(found.block, 1) << "neighbours are independent here";
}

TEST(Bootstrap, SameSeedSameInterval) {
  const Interval a = bootstrap(kRecorded), b = bootstrap(kRecorded);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
}

TEST(Bootstrap, DriftIsDrawnInBlocks) {
  std::vector<double> drift;
  drift.reserve(16);
  for (int i = 0; i < 16; ++i) drift.push_back(2 + 0.05 * i);
  EXPECT_GT(lag_one(drift), 0.3);
  EXPECT_EQ(bootstrap(drift).block, 4) << "neighbours tell the same story";
}

TEST(Bootstrap, OneValueIsItsOwnInterval) {
  const Interval one = bootstrap(std::vector<double>{1.5});
  EXPECT_EQ(one.low, 1.5);
  EXPECT_EQ(one.high, 1.5);
}

TEST(LagOne, TellsTurnsFromRuns) {
  EXPECT_LT(lag_one(std::vector<double>{1, 2, 1, 2, 1, 2}), -0.5);
  EXPECT_EQ(lag_one(std::vector<double>{3, 3, 3, 3}), 0) << "no variation, no correlation";
}

}  // namespace
}  // namespace tenbin
