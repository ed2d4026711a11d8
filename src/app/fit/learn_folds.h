// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/fit/answers.h"
#include "app/fit/learn.h"
#include "tensor/tensor.h"

namespace tenbin {

// A way of learning that can be repeated on other rows.
struct FoldLearner {
  std::string name;
  // Learns from the first, stops early by the loss on the second. The graph gives logits,
  // probabilities of trees, or values. Stops with kBudgetExceeded or kInterrupted.
  std::function<Result<Graph>(const RowSet& train, const RowSet& valid)> fit;
};

// Why folds are not worth it or not allowed here; empty: they are. Small tables profit, large ones
// have rows enough; a split by time or by groups is not undone; a limit on answers (latency, size,
// energy) is not put at risk by several models in one.
std::string reason_against_folds(const Prepared& prepared, const LearnContext& context);

// Which part each of `count` rows belongs to [0..folds): parts of like size, of like class shares
// or, with values, of like distribution. From the arguments alone.
std::vector<int> assign_folds(const Answers& answers, std::int64_t count, int folds,
                              std::uint64_t seed);

// Cross-validates every learner on training and validation rows together and replaces `learned` by
// a committee: the models of all folds of the best learner, joined by another learner's as long as
// that lowers the cross-validated loss (log loss, or mean squared error). The test rows stay
// unseen. When time or budget ends before all folds are done, `learned` stays as it is; both is
// told. Finished folds are kept in the output folder until all are done: with --resume they are
// taken from there.
Status improve_by_folds(const std::vector<FoldLearner>& learners, const RowSet& train,
                        const RowSet& valid, const Prepared& prepared, const LearnContext& context,
                        Learned& learned);

}  // namespace tenbin
