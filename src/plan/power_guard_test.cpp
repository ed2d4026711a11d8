// SPDX-License-Identifier: Apache-2.0
#include "plan/power_guard.h"

#include <gtest/gtest.h>

#include <vector>

namespace tenbin {
namespace {

TEST(PowerGuard, TakesCheaperVariantsFirstAndGivesBackWithCare) {
  struct Row {
    const char* why;
    PowerHold hold;
    double used;
    int most_steps;
    PowerHold next;
  };
  const std::vector<Row> rows = {
      {"within its power", {0, 1, 5s}, 9.5, 2, {0, 1, 5100ms}},
      {"above it: a cheaper variant", {0, 1, 5s}, 11, 2, {1, 1, 0s}},
      {"a change shows its effect first", {1, 1, 100ms}, 11, 2, {1, 1, 200ms}},
      {"no cheaper one: fewer requests", {2, 1, 1s}, 11, 2, {2, 0.8, 0s}},
      {"far below: more requests first", {2, 0.5, 1s}, 5, 2, {2, 0.53, 0s}},
      {"then the dearer variant", {2, 1, 3s}, 4, 2, {1, 1, 0s}},
      {"not while it would be too much", {2, 1, 3s}, 6, 2, {2, 1, 3100ms}},
      {"not so soon", {2, 1, 1s}, 4, 2, {2, 1, 1100ms}},
  };
  for (const Row& row : rows) {
    const PowerHold next = next_hold(row.hold, {watts(row.used), watts(10), row.most_steps, 100ms});
    EXPECT_EQ(next.steps, row.next.steps) << row.why;
    EXPECT_NEAR(next.share, row.next.share, 1e-9) << row.why;
    EXPECT_EQ(next.since, row.next.since) << row.why;
  }
}

// A load that wants twice the power comes to the power that is allowed, and stays there.
TEST(PowerGuard, HoldsALoadToItsPower) {
  PowerHold hold;
  double used = 20;
  double sum = 0;
  for (int i = 0; i < 1000; ++i) {
    used += 0.1 * (20 * hold.share - used);  // the mean of about a second
    hold = next_hold(hold, {watts(used), watts(10), 0, 100ms});
    if (i >= 500) sum += used;
  }
  EXPECT_NEAR(sum / 500, 9.5, 1.0);
}

TEST(PowerGuard, KnowsWhatAMonthOfMoneyBuys) {
  const Currency yen{{'J', 'P', 'Y'}};
  // 730.5 hours at 10 W are 7.305 kWh; at 30 yen and a PUE of 2, 438.3 yen.
  EXPECT_NEAR(power_for(money(438.3, yen), money(30, yen), 2).w, 10, 1e-6);
}

}  // namespace
}  // namespace tenbin
