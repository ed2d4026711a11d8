// SPDX-License-Identifier: Apache-2.0
#include "engine/score.h"

#include <gtest/gtest.h>

#include <cmath>

#include "platform/random.h"

namespace tenbin {
namespace {

TEST(Auroc, CountsOrderedPairs) {
  const struct {
    const char* why;
    std::vector<float> scores;
    std::vector<std::uint8_t> positive;
    double area;
  } rows[] = {
      {"all pairs in order", {0.1F, 0.2F, 0.8F, 0.9F}, {0, 0, 1, 1}, 1.0},
      {"all pairs reversed", {0.9F, 0.8F, 0.2F, 0.1F}, {0, 0, 1, 1}, 0.0},
      {"ties count half", {0.5F, 0.5F}, {0, 1}, 0.5},
      {"three of four pairs", {0.1F, 0.4F, 0.35F, 0.8F}, {0, 0, 1, 1}, 0.75},
  };
  for (const auto& row : rows) {
    const auto area = auroc(row.scores, row.positive);
    ASSERT_TRUE(area.has_value()) << row.why;
    EXPECT_NEAR(*area, row.area, 1e-12) << row.why;
  }
  const std::vector<float> scores = {0.1F, 0.2F};
  const std::vector<std::uint8_t> one_class = {1, 1};
  EXPECT_FALSE(auroc(scores, one_class).has_value()) << "one class has no curve";
}

TEST(ClassificationScores, AgreeWithHandCounts) {
  // Three classes, four rows, three hits.
  const std::vector<float> probabilities = {0.7F, 0.2F, 0.1F, 0.1F, 0.8F, 0.1F,
                                            0.2F, 0.3F, 0.5F, 0.6F, 0.3F, 0.1F};
  const std::vector<std::int64_t> labels = {0, 1, 2, 1};
  const auto scores = classification_scores(probabilities, labels, 3);
  ASSERT_EQ(scores.front().name, "accuracy") << "more than two classes: accuracy leads";
  EXPECT_NEAR(scores.front().value, 0.75, 1e-12);
  // Wilson interval of 3 of 4, computed apart: centre 0.6274, half width 0.3269.
  EXPECT_NEAR(*scores.front().lo, 0.3006, 1e-3);
  EXPECT_NEAR(*scores.front().hi, 0.9544, 1e-3);
  EXPECT_EQ(classification_scores({}, {}, 2).size(), 0u);
}

TEST(ClassificationScores, TwoClassesLeadWithAuroc) {
  const std::vector<float> probabilities = {0.9F, 0.1F, 0.6F, 0.4F, 0.65F, 0.35F, 0.2F, 0.8F};
  const std::vector<std::int64_t> labels = {0, 0, 1, 1};
  const auto scores = classification_scores(probabilities, labels, 2);
  EXPECT_EQ(scores.front().name, "auroc");
  EXPECT_NEAR(scores.front().value, 0.75, 1e-6);
}

TEST(AurocInterval, CoversTheTruth) {
  // Scores N(1, 1) against N(0, 1): true area is Phi(1 / sqrt 2) = 0.76025.
  Random random(7);
  int covered = 0;
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<float> probabilities;
    std::vector<std::int64_t> labels;
    for (int i = 0; i < 120; ++i) {
      const double shift = i % 2 == 0 ? 0 : 1;
      const auto p = static_cast<float>(1 / (1 + std::exp(-random.normal() - shift)));
      probabilities.insert(probabilities.end(), {1 - p, p});
      labels.push_back(i % 2);
    }
    const Score area = classification_scores(probabilities, labels, 2).front();
    covered += *area.lo <= 0.76025 && 0.76025 <= *area.hi ? 1 : 0;
  }
  EXPECT_GE(covered, 180) << "a 95 % interval should cover about 190 of 200";
  EXPECT_LE(covered, 199) << "an interval that always covers is too wide";
}

TEST(RegressionScores, AgreeWithHandCounts) {
  const std::vector<float> targets = {1, 2, 3, 4};
  const std::vector<float> predictions = {1, 2, 3, 6};
  const auto scores = regression_scores(predictions, targets);
  ASSERT_EQ(scores.size(), 3u);
  EXPECT_NEAR(scores[0].value, 1 - 4.0 / 5.0, 1e-9);
  EXPECT_NEAR(scores[1].value, 1.0, 1e-9);
  EXPECT_NEAR(scores[2].value, 0.5, 1e-9);
  EXPECT_LE(*scores[1].lo, 1.0);
  EXPECT_GE(*scores[1].hi, 1.0);
}

TEST(ConfusionMatrix, HasActualInRows) {
  const std::vector<std::int64_t> predicted = {0, 1, 1};
  const std::vector<std::int64_t> actual = {0, 0, 1};
  EXPECT_EQ(confusion_matrix(predicted, actual, 2), (std::vector<std::int64_t>{1, 1, 0, 1}));
}

}  // namespace
}  // namespace tenbin
