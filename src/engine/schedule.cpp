// SPDX-License-Identifier: Apache-2.0
#include "engine/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tenbin {

double ScheduleState::share_at(std::int64_t step) const {
  const auto left = static_cast<double>(std::max<std::int64_t>(planned - anchor_step, 1));
  const double gone = static_cast<double>(step - anchor_step) / left;
  return std::clamp(anchor_share + (1 - anchor_share) * gone, 0.0, 1.0);
}

void ScheduleState::replan(std::int64_t step, std::int64_t steps) {
  anchor_share = share_at(step);
  anchor_step = step;
  planned = std::max(steps, step + 1);
}

double rate_at(const TrainOptions& o, const ScheduleState& schedule, std::int64_t step,
               std::int64_t steps_per_epoch) {
  const double share = schedule.share_at(step);
  if (share < o.warmup_share) {  // the first step moves too
    return o.learning_rate * std::min(1.0, schedule.share_at(step + 1) / o.warmup_share);
  }
  if (o.schedule == ScheduleKind::kConstant) return o.learning_rate;
  if (o.schedule == ScheduleKind::kStep) {
    const std::int64_t epoch = step / std::max<std::int64_t>(steps_per_epoch, 1);
    const std::int64_t drops = epoch / std::max<std::int64_t>(o.step_epochs, 1);
    return o.learning_rate * std::pow(o.step_factor, static_cast<double>(drops));
  }
  const double after = (share - o.warmup_share) / std::max(1 - o.warmup_share, 1e-9);
  return o.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * std::min(after, 1.0)));
}

}  // namespace tenbin
