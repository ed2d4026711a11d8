// SPDX-License-Identifier: Apache-2.0
#include "app/fit/learn.h"

#include "app/fit/answers.h"
#include "app/fit/learn_images.h"
#include "app/fit/learn_table.h"

namespace tenbin {

Result<Learned> learn(const Prepared& prepared, const LearnContext& context) {
  TENBIN_TRY(Learned learned,
             prepared.images ? learn_images(prepared, context) : learn_table(prepared, context));
  learned.score_name = score_name_of(prepared.target);
  return learned;
}

Result<std::vector<PlannedLearner>> planned_learners(const Prepared& prepared,
                                                     const FitOptions& options, int threads) {
  return prepared.images ? image_learners(prepared, options, threads)
                         : table_learners(prepared, options, threads);
}

}  // namespace tenbin
