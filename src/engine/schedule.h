// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/train.h"

namespace tenbin {

// Where a run stands in its learning-rate schedule: how much of it is done, and at which step the
// rest will be. Ends can move while the run goes on: what is done stays done, and the rest is
// spread over the steps that are left, so that the rate always comes down to its end. Plain data;
// goes into checkpoints.
struct ScheduleState {
  std::int64_t planned = 1;      // steps of the run in all
  std::int64_t anchor_step = 0;  // step at which `planned` was last changed
  double anchor_share = 0;       // share of the schedule done by then [0..1]

  double share_at(std::int64_t step) const;
  // Moves the end to `steps` (at least the next step).
  void replan(std::int64_t step, std::int64_t steps);
};

// Learning rate of step `step` (from 0). kStep drops by epochs, whatever the plan.
double rate_at(const TrainOptions& options, const ScheduleState& schedule, std::int64_t step,
               std::int64_t steps_per_epoch);

}  // namespace tenbin
