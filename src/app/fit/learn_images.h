// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/fit/learn.h"

namespace tenbin {

// The strongest CNN that meets the goals and can be trained in the budget, trained on augmented
// images. With --resume the choice of the stopped run holds.
Result<Learned> learn_images(const Prepared& prepared, const LearnContext& context);

// Its candidates, in order.
Result<std::vector<PlannedLearner>> image_learners(const Prepared& prepared,
                                                   const FitOptions& options, int threads);

}  // namespace tenbin
