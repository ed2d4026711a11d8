// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graph/graph.h"

namespace tenbin {

// Runs the calls whose operands are all constants, once and for all: their results become
// initialisers, and constants that nobody reads any more are dropped. Calls that draw at random,
// hold subgraphs, state a grid of integers, fail, or make more than limits::kFoldedBytes are left
// as they are. Nodes must be in topological order. Returns how many calls went.
std::size_t fold_constants(Graph& graph);

}  // namespace tenbin
