// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "compress/trees/forest.h"
#include "graph/graph.h"

namespace tenbin {

// Takes out of the trees what no answer needs. A split goes if no value reaches one of its sides,
// by the splits above it (missing values included), or if both sides are equal; trees with equal
// splits become one whose leaf weights are the sums; trees whose weights are all zero go. Equal
// subtrees stay apart: ONNX allows a node one parent.
//
// Answers are equal bit by bit unless trees were added up; then they differ by the order of
// additions, which is rounding. Ensembles that take the mean, least or greatest of their trees lose
// splits alone.
Forest merge_forest(const Forest& forest);

// The same with every tree ensemble of a graph. Errors: those of read_forest.
Result<Graph> merge_trees(const Graph& graph);

}  // namespace tenbin
