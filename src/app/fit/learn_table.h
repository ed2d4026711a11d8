// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/fit/learn.h"

namespace tenbin {

// A linear model, MLPs and boosted trees: the best on validation; for small tables then the mean of
// the best learners' folds.
Result<Learned> learn_table(const Prepared& prepared, const LearnContext& context);

// Its candidates, in order.
Result<std::vector<PlannedLearner>> table_learners(const Prepared& prepared,
                                                   const FitOptions& options, int threads);

}  // namespace tenbin
