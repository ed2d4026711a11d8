// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "base/result.h"
#include "compress/weight_grid.h"
#include "graph/graph.h"

namespace tenbin {

// The network with dense layers (Gemm, MatMul with constant weights of two axes and at least
// `least_weights` of them) on integers whose grid is found anew in each run: DynamicQuantizeLinear,
// MatMulInteger, and the scales of both sides. Needs no calibration; one grid serves all rows of a
// batch, so an answer depends on its company a little. Weights are signed 8-bit, a scale an output.
// Runtimes fuse the calls; our engine runs them one by one. Nodes in `in_floats`, and a Gemm with
// alpha, beta or transA, stay.
Result<Graph> multiply_dynamically(const Graph& graph, const std::set<std::string>& in_floats = {},
                                   const ChosenWeights& chosen = {},
                                   std::int64_t least_weights = 256);

}  // namespace tenbin
