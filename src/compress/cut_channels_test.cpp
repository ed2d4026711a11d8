// SPDX-License-Identifier: Apache-2.0
#include "compress/cut_channels.h"

#include <gtest/gtest.h>

#include "compress/channel_groups.h"
#include "compress/trained_case.h"

namespace tenbin {
namespace {

TEST(CutChannels, KeepsTheRankingWhoseCutAnswersMoreLikeTheTeacher) {
  for (const TrainedCase& of : {trained_cnn(), trained_mlp()}) {
    const auto logits = logits_of(of.graph, of.rows);
    const TeacherRows teacher{of.rows, logits, 6};
    PruneOptions options;
    options.multiple = 2;
    options.work = 0.5 * work_of(of.graph, options.weights).value();
    const auto best = cut_channels(of.graph, options, teacher, 1);
    ASSERT_TRUE(best.ok()) << best.error().to_string();
    EXPECT_LE(best->cut.work, options.work);
    ASSERT_TRUE(best->other_error.has_value());
    EXPECT_LE(best->error, *best->other_error);
    EXPECT_NEAR(relative_error(logits, logits_of(best->cut.graph, of.rows)), best->error, 1e-5)
        << "what it says is what can be measured";
    const auto groups = channel_groups(of.graph).value();
    options.scores = activation_scores(of.graph, groups, of.rows).value();
    const auto plain = prune_channels(of.graph, options).value();
    EXPECT_LE(best->error, relative_error(logits, logits_of(plain.graph, of.rows)) + 1e-9)
        << "no worse than activations alone";
  }
}

TEST(CutChannels, OneOutputHasNoLabelsToLearnTheSlopeOf) {
  const TrainedCase of = trained(make_mlp(24, {48, 32}, 1, 5).value(), 1, 0);
  const auto values = logits_of(of.graph, of.rows);
  PruneOptions options;
  options.work = 0.5 * work_of(of.graph, options.weights).value();
  const auto cut = cut_channels(of.graph, options, {of.rows, values, 1}, 1);
  ASSERT_TRUE(cut.ok()) << cut.error().to_string();
  EXPECT_EQ(cut->ranking, "activations");
  EXPECT_FALSE(cut->other_error.has_value());
}

TEST(CutChannels, StopsWhereItMayNotGoOn) {
  const TrainedCase of = trained_mlp();
  const auto logits = logits_of(of.graph, of.rows);
  PruneOptions options;
  options.work = 0.5 * work_of(of.graph, options.weights).value();
  const StopQuestion never(
      []() -> Status { return Error(ErrorCode::kBudgetExceeded, "the time is over"); });
  const auto cut = cut_channels(of.graph, options, {of.rows, logits, 6}, 1, never);
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().code(), ErrorCode::kBudgetExceeded);
}

}  // namespace
}  // namespace tenbin
