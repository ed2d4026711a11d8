// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "app/fit/learn.h"
#include "plan/fit_plan.h"

namespace tenbin {

// What training leaves of each budget, so that scoring and proof still fit into the limits: a
// tenth, or the closing of a small budget.
Limits closing_share(const Limits& limits, const Prices& prices);
// What it leaves beside that on a machine that others use too, as far as the run has seen: in
// `wall` it ran for `cpu`. Nothing when it ran all the time; at most the closing of a small budget
// again.
Limits busy_share(const Limits& limits, const Prices& prices, Duration wall, Duration cpu);

// What a pace is kept within. Borrowed.
struct PaceBudget {
  const BudgetWatch& watch;
  Meter& meter;
  const Prices& prices;
  Clock& clock;
};
PaceBudget pace_budget(const LearnContext& context);

// What is left of the limits as training time, at the power the machine draws now.
TrainingBudget training_time_left(const PaceBudget& budget);

// Training leaves what scoring the test rows is expected to take.
void keep_for_scoring(const LearnContext& context, Duration expected);

// Follows one training and says how many steps it can make within the limits.
class PaceKeeper {
 public:
  explicit PaceKeeper(const PaceBudget& budget) : budget_(budget) {}
  // `step`: finished steps. The answer counts them too.
  std::optional<std::int64_t> affordable_steps(std::int64_t step);

 private:
  PaceBudget budget_;
  Duration began_{}, recent_began_{};
  std::optional<std::int64_t> first_;  // step of the first question: a resumed run has some
  std::int64_t recent_first_ = 0;
};

}  // namespace tenbin
