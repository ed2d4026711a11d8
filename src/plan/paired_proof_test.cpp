// SPDX-License-Identifier: Apache-2.0
#include "plan/paired_proof.h"

#include <gtest/gtest.h>

#include "base/bootstrap.h"

namespace tenbin {
namespace {

TEST(TimesLess, IsTheMedianRatioOfPairs) {
  const std::vector<double> original = {4, 4.2, 3.9, 8}, candidate = {2, 2.1, 1.95, 4};
  const Proven found = times_less(original, candidate);
  EXPECT_DOUBLE_EQ(found.value, 2) << "a slow minute slows both";
  EXPECT_DOUBLE_EQ(found.low, 2);
  EXPECT_DOUBLE_EQ(found.high, 2);
}

TEST(AccuracyDrop, CountsWhatIsLostAgainstWhatIsWon) {
  const PairedAnswers answers{1'000, 900, 30, 10};
  EXPECT_DOUBLE_EQ(answers.accuracy(), 0.9);
  EXPECT_DOUBLE_EQ(answers.accuracy_of_candidate(), 0.88);
  const Proven drop = accuracy_drop(answers);
  EXPECT_DOUBLE_EQ(drop.value, 0.02);
  EXPECT_NEAR(drop.low, 0.0074, 2e-4) << "McNemar's variance: (40 - 0.4) / 1000^2";
  EXPECT_NEAR(drop.high, 0.0325, 2e-4);
}

TEST(AccuracyDrop, NoDisagreementIsNoCertainty) {
  const Proven drop = accuracy_drop({100, 90, 0, 0});
  EXPECT_EQ(drop.value, 0);
  EXPECT_GT(drop.high, 0.01) << "a hundred rows cannot prove one point";
  EXPECT_LT(accuracy_drop({10'000, 9'000, 0, 0}).high, 0.0003);
}

TEST(AccuracyDrop, CoversTheTruth) {
  // Two models whose real drop is two points: the interval holds it about 95 times in a hundred.
  ResampleDraws random(7);
  int held = 0;
  constexpr int kTries = 1'000;
  for (int i = 0; i < kTries; ++i) {
    PairedAnswers answers{500, 450, 0, 0};
    for (int row = 0; row < 500; ++row) {
      const double draw = static_cast<double>(random.below(1'000'000)) / 1e6;
      if (draw < 0.04) ++answers.only_original_right;
      if (draw >= 0.98) ++answers.only_candidate_right;
    }
    const Proven drop = accuracy_drop(answers);
    held += drop.low <= 0.02 && 0.02 <= drop.high ? 1 : 0;
  }
  EXPECT_GE(held, 930);
  EXPECT_LE(held, 980);
}

TEST(RowsForProof, SaysHowManyRowsItTakes) {
  const std::int64_t least = least_rows_for_proof(0.005);
  EXPECT_NEAR(static_cast<double>(least), 390, 5);
  EXPECT_LE(accuracy_drop({least, least, 0, 0}).high, 0.005);
  EXPECT_GT(accuracy_drop({least - 1, least - 1, 0, 0}).high, 0.005) << "one less does not do";
  const PairedAnswers differ{1'000, 900, 10, 10};
  const auto more = rows_for_proof(differ, 0.005);
  ASSERT_TRUE(more.has_value());
  EXPECT_GT(*more, least) << "models that differ need more";
  EXPECT_FALSE(rows_for_proof({1'000, 900, 30, 10}, 0.02).has_value())
      << "a drop at the bound is never proven to be below it";
}

TEST(R2Drop, SeesTheShareOfVarianceThatIsLost) {
  std::vector<double> original(400, 1.0), candidate(400, 1.1), spreads(400, 10.0);
  const Proven drop = r2_drop(original, candidate, spreads);
  EXPECT_NEAR(drop.value, 0.01, 1e-12);
  EXPECT_NEAR(drop.high, 0.01, 1e-9) << "every row says the same";
  candidate[0] = 100;
  EXPECT_GT(r2_drop(original, candidate, spreads).high, 0.04) << "one row decides: not certain";
}

}  // namespace
}  // namespace tenbin
