// SPDX-License-Identifier: Apache-2.0
#include "app/fit/learn.h"

#include "app/fit/answers.h"
#include "app/fit/learn_images.h"
#include "app/fit/learn_table.h"
#include "app/fit/learn_transfer.h"

namespace tenbin {

Result<Learned> learn(const Prepared& prepared, const LearnContext& context) {
  TENBIN_TRY(Learned learned, prepared.from     ? learn_transfer(prepared, context)
                              : prepared.images ? learn_images(prepared, context)
                                                : learn_table(prepared, context));
  learned.score_name = score_name_of(prepared.target);
  return learned;
}

Result<std::vector<PlannedLearner>> planned_learners(const Prepared& prepared,
                                                     const FitOptions& options, int threads) {
  if (prepared.from) return transfer_learners(prepared, options, threads);
  return prepared.images ? image_learners(prepared, options, threads)
                         : table_learners(prepared, options, threads);
}

}  // namespace tenbin
