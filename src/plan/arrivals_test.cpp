// SPDX-License-Identifier: Apache-2.0
#include "plan/arrivals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace tenbin {
namespace {

TEST(Arrivals, ConstantOnesAreEvenlySpaced) {
  const auto at = arrivals_at(100, 1s, ArrivalKind::kConstant, 1);
  ASSERT_EQ(at.size(), 99u);
  for (std::size_t i = 0; i < at.size(); ++i) {
    EXPECT_NEAR(in_seconds(at[i]), 0.01 * static_cast<double>(i + 1), 1e-6);
  }
}

// Gaps of a Poisson process: their mean is 1 / rate and so is their standard deviation.
TEST(Arrivals, PoissonOnesHaveExponentialGaps) {
  const auto at = arrivals_at(1000, 100s, ArrivalKind::kPoisson, 7);
  EXPECT_NEAR(static_cast<double>(at.size()), 100'000, 5 * std::sqrt(100'000.0));
  EXPECT_TRUE(std::is_sorted(at.begin(), at.end()));
  double sum = 0, squares = 0;
  for (std::size_t i = 1; i < at.size(); ++i) {
    const double gap = in_seconds(at[i] - at[i - 1]);
    sum += gap;
    squares += gap * gap;
  }
  const auto n = static_cast<double>(at.size() - 1);
  const double mean = sum / n;
  EXPECT_NEAR(std::sqrt(squares / n - mean * mean) / mean, 1, 0.02);
  EXPECT_EQ(at, arrivals_at(1000, 100s, ArrivalKind::kPoisson, 7)) << "the same for the same seed";
  EXPECT_NE(at, arrivals_at(1000, 100s, ArrivalKind::kPoisson, 8));
}

TEST(Arrivals, ReplaysATraceAtItsSpeed) {
  const auto at = arrivals_of_trace(
      "TIMESTAMP,ContextTokens,GeneratedTokens\n"
      "2023-11-16 18:17:03.9799600,4808,10\n"
      "2023-11-16 18:17:04.0319600,110,27\n"
      "2023-11-17 00:00:03.9799600,110,27\n",
      10);
  ASSERT_TRUE(at.ok()) << at.error().to_string();
  ASSERT_EQ(at->size(), 3u);
  EXPECT_EQ((*at)[0], Duration::zero());
  EXPECT_NEAR(in_seconds((*at)[1]), 0.0052, 1e-6);
  EXPECT_NEAR(in_seconds((*at)[2]), 2058, 1e-3) << "across midnight";
  EXPECT_EQ(arrivals_of_trace("0.5\n1\n", 1)->back(), 500ms) << "seconds, no header";
  const auto bad = arrivals_of_trace("time\n1\nsoon\n", 1);
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().where(), "line 3");
  EXPECT_FALSE(arrivals_of_trace("time\n", 1).ok());
}

TEST(Arrivals, RampsByDoubling) {
  EXPECT_EQ(ramp(1, 64), (std::vector<double>{1, 2, 4, 8, 16, 32, 64}));
  EXPECT_EQ(ramp(500, 3000), (std::vector<double>{500, 1000, 2000, 3000}));
  EXPECT_EQ(ramp(5, 5), (std::vector<double>{5}));
}

TEST(Arrivals, QuantilesHoldTheirIntervals) {
  std::vector<Duration> sorted;
  for (int i = 1; i <= 1000; ++i) sorted.emplace_back(i);
  const QuantileEstimate median = quantile_of(sorted, 0.5);
  EXPECT_EQ(median.value.count(), 500);
  EXPECT_EQ(median.low.count(), 470) << "31 ranks, 1.96 * sqrt(1000 / 4), below";
  EXPECT_EQ(median.high.count(), 532);
  const QuantileEstimate high = quantile_of(sorted, 0.999);
  EXPECT_EQ(high.value.count(), 999);
  EXPECT_EQ(high.high.count(), 1000);
  EXPECT_EQ(quantile_of({}, 0.5).value.count(), 0);
}

}  // namespace
}  // namespace tenbin
