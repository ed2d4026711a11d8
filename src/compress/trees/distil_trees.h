// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"
#include "base/stop_question.h"
#include "engine/xgboost/fit_trees.h"
#include "graph/graph.h"
#include "tensor/tensor.h"

namespace tenbin {

// Puts a smaller ensemble in the place of one, under the same operator, names, labels and
// post_transform: trees of `student` (fewer rounds, shallower) boosted on the raw scores that the
// old ones give to `features` [n, columns] (rows as the ensemble reads them: tree_features,
// tree_nodes.h; no labels), by squared error. `student.rounds` counts for each output apart: three
// classes get three times as many trees; an output that is the same on all rows gets one leaf.
// Every fifth row is held back to choose the best round, and with `student.early_stop` the last.
// The answers change: measure them. Scores that were shares may come out a little below 0 or
// above 1.
//
// `node`: name of the ensemble; empty: the only one. `may_go_on` is asked before each round.
// Errors: its own; kTooFewRows below 10; kBadValue as find_tree_node; kInputMismatch, kEmptyData;
// kNonFinite for infinite features; kUnsupportedOp for an ensemble that does not add its trees up,
// or whose lone score of two classes is a share; those of read_forest and fit_trees.
// Source: Hinton et al. 2015, Distilling the Knowledge in a Neural Network (matching logits).
Result<Graph> distil_trees(const Graph& graph, const Tensor& features, const TreeOptions& student,
                           const std::string& node = {}, const StopQuestion& may_go_on = {});

}  // namespace tenbin
