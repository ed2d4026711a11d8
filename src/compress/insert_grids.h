// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "compress/calibrate.h"
#include "compress/weight_grid.h"
#include "graph/graph.h"

namespace tenbin {

// The values of a graph that lie on a grid when its layers multiply integers: what Conv, Gemm and
// MatMul with constant weights, sums of two activations and what moves values to these read.
// Nodes named in `in_floats` stay as they are.
std::vector<std::string> grid_values(const Graph& graph,
                                     const std::set<std::string>& in_floats = {});

// The graph with these values on 8-bit grids: activations on one grid each (unsigned where nothing
// is negative, else signed, without offset), weights signed on one grid for each output channel,
// biases in int32 in steps of both. Batch normalisation should be folded before (fold_batch_norm).
// Weights in `chosen` are stored as given there, others by the nearest step.
// Errors: kBadValue naming a value that `ranges` lacks; kBadShape: chosen weights of another shape.
Result<Graph> insert_grids(const Graph& graph, const Ranges& ranges,
                           const std::set<std::string>& in_floats = {},
                           const ChosenWeights& chosen = {});

}  // namespace tenbin
