// SPDX-License-Identifier: Apache-2.0
#include "compress/histogram.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/train_case.h"

namespace tenbin {
namespace {

std::vector<float> normal_values(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> out(count);
  for (float& v : out) v = static_cast<float>(random.normal());
  return out;
}

double error_on_grid(const std::vector<float>& values, float bound, int levels) {
  const double step = static_cast<double>(bound) / levels;
  double error = 0;
  for (const float v : values) {
    const double stored =
        std::clamp(std::nearbyint(static_cast<double>(v) / step), -1.0 * levels, 1.0 * levels);
    error += std::pow(static_cast<double>(v) - stored * step, 2);
  }
  return error / static_cast<double>(values.size());
}

TEST(Histogram, ExtremesAreExactAndLargerValuesFitLater) {
  Histogram h;
  EXPECT_EQ(h.most(), 0);
  h.add(std::vector<float>{1e-3F, -2e-3F, 0});
  h.add(std::vector<float>{500, -3});
  EXPECT_EQ(h.least(), -3);
  EXPECT_EQ(h.most(), 500);
}

TEST(Histogram, MiddleCutsBothEnds) {
  Histogram h;
  std::vector<float> ramp;
  for (int i = -100; i < 900; ++i) ramp.push_back(static_cast<float>(i));
  h.add(ramp);
  const auto kept = h.middle(0.9);
  EXPECT_NEAR(kept.least, -50, 2);
  EXPECT_NEAR(kept.most, 849, 2);
  EXPECT_EQ(h.middle(1).least, -100);
  EXPECT_EQ(h.middle(1).most, 899);
}

TEST(Histogram, BoundOfLeastErrorBeatsTheLargestValueWhereOneIsFarOut) {
  std::vector<float> values = normal_values(200000, 3);
  values.push_back(60);
  Histogram h;
  h.add(values);
  const float bound = h.bound_of_least_error(127);
  EXPECT_LT(bound, 60);
  EXPECT_GT(bound, 3);
  EXPECT_LT(error_on_grid(values, bound, 127), 0.6 * error_on_grid(values, 60, 127));
}

TEST(Histogram, BoundsKeepAllOfAnEvenDistribution) {
  std::vector<float> values;
  for (int i = 0; i < 40000; ++i) values.push_back(static_cast<float>(i) / 40000);
  Histogram h;
  h.add(values);
  EXPECT_GT(h.bound_of_least_error(255), 0.97);
  EXPECT_GT(h.bound_of_least_divergence(255), 0.97);
}

TEST(Histogram, LeastDivergenceCutsALongTail) {
  std::vector<float> values = normal_values(200000, 5);
  for (int i = 0; i < 20; ++i) values.push_back(40.0F + static_cast<float>(i));
  Histogram h;
  h.add(values);
  const float bound = h.bound_of_least_divergence(127);
  EXPECT_LT(bound, 20);
  EXPECT_GT(bound, 3);
}

TEST(Histogram, OfZerosHasNoBound) {
  Histogram h;
  h.add(std::vector<float>(100, 0));
  EXPECT_EQ(h.bound_of_least_error(127), 0);
  EXPECT_EQ(h.bound_of_least_divergence(127), 0);
  EXPECT_EQ(h.middle(0.99).most, 0);
}

}  // namespace
}  // namespace tenbin
