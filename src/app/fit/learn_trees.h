// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/fit/answers.h"
#include "app/fit/learn.h"
#include "engine/xgboost/fit_trees.h"

namespace tenbin {

struct TreeCandidate {
  std::string name;
  TreeOptions options;
};
// Shallow and deeper trees; none for features too wide for them (text).
std::vector<TreeCandidate> tree_candidates(const Prepared& prepared, const FitOptions& options,
                                           int threads);

struct TreesTried {
  // A round is an epoch and a step. `best`: float [rows, width] -> probabilities [rows, classes]
  // or scaled values [rows, 1].
  TrainResult result;
  std::vector<double> joules;  // per point of the curve
  Tried tried;
};
// Boosts one candidate on features [rows, width] under the run's budget, and scores it on the
// validation rows through the engine. Checkpoints go to, and with --resume come from, the output
// folder under its `number`; `rows` names the rows. Errors: those of fit_trees, kIo.
Result<TreesTried> try_trees(const TreeCandidate& candidate, std::size_t number,
                             const std::string& rows, const Tensor& train_features,
                             const Tensor& valid_features, const Answers& train,
                             const Answers& valid, const Prepared& prepared,
                             const LearnContext& context);

// Boosts one candidate alone, early stop by the loss on `valid`. Errors: those of fit_trees,
// kBudgetExceeded, kInterrupted.
Result<Graph> fit_tree_graph(const TreeCandidate& candidate, const RowSet& train,
                             const RowSet& valid, const Prepared& prepared,
                             const LearnContext& context);

}  // namespace tenbin
