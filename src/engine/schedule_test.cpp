// SPDX-License-Identifier: Apache-2.0
#include "engine/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tenbin {
namespace {

TEST(Schedule, GivesTheRatesOfItsKind) {
  TrainOptions cosine;
  cosine.learning_rate = 1;
  cosine.warmup_share = 0.1;
  TrainOptions constant = cosine;
  constant.schedule = ScheduleKind::kConstant;
  TrainOptions drops = cosine;
  drops.schedule = ScheduleKind::kStep;
  drops.step_epochs = 2;
  drops.step_factor = 0.5;
  const struct {
    const char* why;
    const TrainOptions& options;
    std::int64_t step;
    double rate;
  } rows[] = {{"the first step of the warm-up moves", cosine, 0, 0.1},
              {"the last one reaches the full rate", cosine, 9, 1},
              {"half way down", cosine, 55, 0.5},
              {"close to nothing at the end", cosine, 99, 0.0003},
              {"constant after warm-up", constant, 99, 1},
              {"before the first drop", drops, 19, 1},
              {"after two drops", drops, 40, 0.25}};
  ScheduleState state;
  state.planned = 100;
  for (const auto& row : rows) {
    EXPECT_NEAR(rate_at(row.options, state, row.step, 10), row.rate, 1e-4) << row.why;
  }
}

TEST(Schedule, KeepsWhatIsDoneAndStillEndsWhenTheEndMoves) {
  const struct {
    const char* why;
    std::int64_t at, steps, end;
  } rows[] = {{"a slower machine: fewer steps", 40, 60, 60},
              {"a faster one: more", 40, 200, 200},
              {"no time left: one step more", 40, 7, 41}};
  for (const auto& row : rows) {
    ScheduleState state;
    state.planned = 100;
    state.replan(row.at, row.steps);
    EXPECT_EQ(state.planned, row.end) << row.why;
    EXPECT_DOUBLE_EQ(state.share_at(row.at), 0.4) << row.why;
    EXPECT_DOUBLE_EQ(state.share_at(row.end), 1) << row.why;
    EXPECT_LE(state.share_at(row.at + 1), 1) << row.why;
  }
}

}  // namespace
}  // namespace tenbin
