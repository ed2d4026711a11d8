// SPDX-License-Identifier: Apache-2.0
#include "serve/rollout.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

using Kind = RolloutChange::Kind;

Rollout at(const std::string& stable) {
  Rollout out;
  out.stable = stable;
  return out;
}

TEST(Rollout, HoldsTheStableVersionWhileACanaryAnswers) {
  const auto next = next_rollout(at("1"), {Kind::kCanary, "2", 0.1}, {"2", "1"});
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->stable, "1");
  EXPECT_FALSE(next->follows) << "version 3 does not take over by coming";
  EXPECT_EQ(next->canary, "2");
  const auto shadowed = next_rollout(*next, {Kind::kShadow, "3", 1}, {"3", "2", "1"});
  ASSERT_TRUE(shadowed.ok());
  EXPECT_EQ(shadowed->canary, "2");
  EXPECT_EQ(shadowed->shadow, "3");
}

TEST(Rollout, TheNewestMayBeACanaryUntilSomebodyChoseIt) {
  const auto next = next_rollout(at("3"), {Kind::kCanary, "3", 0.1}, {"3", "2", "1"});
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->stable, "2");
  EXPECT_EQ(next->canary, "3");
}

TEST(Rollout, PromotesTheCanaryAndFindsTheWayBack) {
  Rollout now = at("1");
  now.canary = "2";
  const auto promoted = next_rollout(now, {Kind::kPromote, "", 0}, {"2", "1"});
  ASSERT_TRUE(promoted.ok());
  EXPECT_EQ(promoted->stable, "2");
  EXPECT_EQ(promoted->before, "1");
  EXPECT_FALSE(promoted->canary);
  const auto back = next_rollout(*promoted, {Kind::kRollback, "", 0}, {"2", "1"});
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->stable, "1");
  EXPECT_FALSE(back->before);
}

TEST(Rollout, RollsBackTheCanaryFirstThenToTheVersionBelow) {
  Rollout now = at("3");
  now.canary = "4";
  now.shadow = "5";
  auto next = next_rollout(now, {Kind::kRollback, "", 0}, {"5", "4", "3", "2"});
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->stable, "3");
  EXPECT_FALSE(next->canary || next->shadow);
  next = next_rollout(*next, {Kind::kRollback, "", 0}, {"5", "4", "3", "2"});
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->stable, "2");
  EXPECT_FALSE(next_rollout(*next, {Kind::kRollback, "", 0}, {"5", "4", "3", "2"}).ok())
      << "there is none below";
  const auto follows = next_rollout(*next, {Kind::kFollow, "", 0}, {"5", "4", "3", "2"});
  EXPECT_EQ(follows->stable, "5");
  EXPECT_TRUE(follows->follows);
}

TEST(Rollout, RefusesWhatCannotBe) {
  struct Row {
    const char* why;
    RolloutChange change;
    std::vector<std::string> versions;
    const char* says;
  };
  const Row rows[] = {
      {"one version", {Kind::kCanary, "1", 0.1}, {"1"}, "needs two"},
      {"not loaded", {Kind::kCanary, "9", 0.1}, {"2", "1"}, "'9' is not loaded"},
      {"itself", {Kind::kShadow, "1", 1}, {"2", "1"}, "answers everybody already"},
      {"no share", {Kind::kCanary, "2", 0}, {"2", "1"}, "(0, 1]"},
      {"too large a share", {Kind::kCanary, "2", 1.5}, {"2", "1"}, "(0, 1]"},
      {"nothing to promote", {Kind::kPromote, "", 0}, {"2", "1"}, "no canary and no shadow"},
      {"promotes what is not there", {Kind::kPromote, "7", 0}, {"2", "1"}, "'7' is not loaded"},
  };
  for (const Row& row : rows) {
    Rollout now = at("1");
    now.follows = false;
    const auto next = next_rollout(now, row.change, row.versions);
    ASSERT_FALSE(next.ok()) << row.why;
    EXPECT_NE(next.error().message().find(row.says), std::string::npos)
        << row.why << ": " << next.error().message();
  }
}

TEST(Rollout, EndsACanaryThatIsProvenWorseAndNoOther) {
  struct Row {
    const char* why;
    VersionRecord canary, stable;
    bool ends;
  };
  const Row rows[] = {
      {"no requests yet", {0, 0, 0, 0}, {0, 0, 0, 0}, false},
      {"one failure of one is not proof", {1, 1, 0, 0}, {9, 0, 0, 0}, false},
      {"three of three against none of thirty", {3, 3, 0, 0}, {30, 0, 0, 0}, true},
      {"both fail alike: it is the requests", {20, 10, 0, 0}, {180, 90, 0, 0}, false},
      {"not finite", {10, 0, 10, 0}, {90, 0, 0, 0}, true},
      {"late", {100, 0, 0, 60}, {900, 0, 0, 40}, true},
      {"a little late", {100, 0, 0, 6}, {900, 0, 0, 40}, false},
      {"better", {100, 0, 0, 0}, {900, 90, 0, 0}, false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(judge_canary(row.canary, row.stable).has_value(), row.ends) << row.why;
  }
}

TEST(Rollout, SpreadsSharesEvenly) {
  for (const double share : {0.0, 0.1, 0.25, 0.5, 1.0}) {
    int taken = 0, longest = 0, gap = 0;
    for (std::uint64_t turn = 0; turn < 1000; ++turn) {
      const bool takes = falls_to(turn, share);
      taken += takes ? 1 : 0;
      gap = takes ? 0 : gap + 1;
      longest = std::max(longest, gap);
    }
    EXPECT_NEAR(taken, 1000 * share, 1) << share;
    if (share > 0) {
      EXPECT_LE(longest, 1 / share) << share;
    }
  }
}

}  // namespace
}  // namespace tenbin
