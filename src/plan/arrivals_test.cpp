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
  EXPECT_EQ(arrivals_at(200, 2s, ArrivalKind::kConstant, 1).size(), 399u) << "no drift";
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
  EXPECT_EQ(arrivals_of_trace("3\n1\n2\n", 1)->back(), 2s) << "from the earliest, not the first";
  struct Row {
    const char *why, *csv;
    ErrorCode code;
  };
  for (const Row& row : {Row{"no arrivals", "time\n", ErrorCode::kEmptyData},
                         Row{"no number", "time\n1\nnan\n", ErrorCode::kMalformedData},
                         Row{"for ever", "time\n1\n1e300\n", ErrorCode::kTooLarge}}) {
    const auto found = arrivals_of_trace(row.csv, 1);
    ASSERT_FALSE(found.ok()) << row.why;
    EXPECT_EQ(found.error().code(), row.code) << row.why;
  }
}

TEST(Arrivals, RampsByDoubling) {
  EXPECT_EQ(ramp(1, 64), (std::vector<double>{1, 2, 4, 8, 16, 32, 64}));
  EXPECT_EQ(ramp(500, 3000), (std::vector<double>{500, 1000, 2000, 3000}));
  EXPECT_EQ(ramp(5, 5), (std::vector<double>{5}));
}

// Ranks as tables of the binomial distribution give them; 0: the values do not bound that side.
TEST(Arrivals, QuantilesHoldTheirIntervals) {
  struct Row {
    const char* why;
    int count;
    double q;
    std::int64_t value, low, high;
  };
  const std::vector<Row> rows = {
      {"a median of many, symmetrical", 1000, 0.5, 500, 469, 532},
      {"a median of few", 10, 0.5, 5, 2, 9},
      {"five values leave more than 5 % outside", 5, 0.5, 3, 0, 0},
      {"a single value bounds nothing", 1, 0.5, 1, 0, 0},
      {"of 1,000 values one lies above, or three, or none", 1000, 0.999, 999, 997, 0},
      {"3,688 are the fewest that bound p99.9 above", 3688, 0.999, 3685, 3680, 3688},
      {"one fewer does not", 3687, 0.999, 3684, 3679, 0},
      {"by the normal distribution", 1'000'000, 0.99, 990'000, 989'805, 990'196},
  };
  for (const Row& row : rows) {
    std::vector<Duration> sorted;
    for (int i = 1; i <= row.count; ++i) sorted.emplace_back(i);
    const QuantileEstimate found = quantile_of(sorted, row.q);
    EXPECT_EQ(found.value.count(), row.value) << row.why;
    EXPECT_EQ(found.low.value_or(Duration::zero()).count(), row.low) << row.why;
    EXPECT_EQ(found.high.value_or(Duration::zero()).count(), row.high) << row.why;
  }
  EXPECT_EQ(quantile_of({}, 0.5).value.count(), 0);
}

}  // namespace
}  // namespace tenbin
