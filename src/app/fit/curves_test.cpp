// SPDX-License-Identifier: Apache-2.0
#include "app/fit/curves.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

double area(const std::vector<RocPoint>& curve) {
  double sum = 0;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    sum += (curve[i].false_positive_rate - curve[i - 1].false_positive_rate) *
           (curve[i].true_positive_rate + curve[i - 1].true_positive_rate) / 2;
  }
  return sum;
}

TEST(Curves, AreaUnderTheRocCurve) {
  const struct {
    const char* why;
    std::vector<float> probability;
    std::vector<std::int64_t> labels;
    double expected;
  } rows[] = {
      {"perfect order", {0.1f, 0.2f, 0.8f, 0.9f}, {0, 0, 1, 1}, 1},
      {"reversed", {0.9f, 0.8f, 0.2f, 0.1f}, {0, 0, 1, 1}, 0},
      {"all equal is chance, whatever the order", {0.5f, 0.5f, 0.5f, 0.5f}, {0, 1, 1, 0}, 0.5},
      {"one pair of four is wrong", {0.1f, 0.6f, 0.4f, 0.9f}, {0, 0, 1, 1}, 0.75},
      {"one class has no curve", {0.1f, 0.2f}, {1, 1}, 0},
  };
  for (const auto& row : rows) {
    EXPECT_NEAR(area(roc_curve(row.probability, row.labels)), row.expected, 1e-12) << row.why;
  }
}

TEST(Curves, RocIsThinnedAndKeepsItsEnds) {
  std::vector<float> probability;
  std::vector<std::int64_t> labels;
  for (int i = 0; i < 5'000; ++i) {
    probability.push_back(static_cast<float>(i) / 5'000);
    labels.push_back(i % 3 == 0 ? 0 : 1);
  }
  const auto curve = roc_curve(probability, labels, 100);
  EXPECT_LE(curve.size(), 102u);
  EXPECT_EQ(curve.front().true_positive_rate, 0);
  EXPECT_EQ(curve.back().true_positive_rate, 1);
  EXPECT_EQ(curve.back().false_positive_rate, 1);
}

TEST(Curves, CalibrationCountsWhatCameTrue) {
  std::vector<float> probability(20, 0.1f);  // 5 of 20 come true
  std::vector<std::int64_t> labels = {1, 1, 1, 1, 1};
  labels.resize(20, 0);
  probability.resize(44, 0.9f);  // 18 of 24
  labels.resize(38, 1);
  labels.resize(44, 0);
  const auto bins = calibration(probability, labels);
  ASSERT_EQ(bins.size(), 2u);
  EXPECT_EQ(bins[0].rows + bins[1].rows, 44);
  EXPECT_EQ(bins[1].rows, 24) << "ties stay together";
  EXPECT_DOUBLE_EQ(bins[0].observed, 0.25);
  EXPECT_NEAR(bins[0].predicted, 0.1, 1e-6);
  EXPECT_DOUBLE_EQ(bins[1].observed, 0.75);
  // Wilson interval of 5 of 20, by hand: 0.1119 to 0.4687.
  EXPECT_NEAR(bins[0].lo, 0.1119, 1e-4);
  EXPECT_NEAR(bins[0].hi, 0.4687, 1e-4);
  EXPECT_EQ(calibration(std::vector<float>(10, 0.5f), std::vector<std::int64_t>(10, 1)).size(), 1u);
}

}  // namespace
}  // namespace tenbin
