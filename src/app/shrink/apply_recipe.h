// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "plan/shrink_plan.h"

namespace tenbin {

// A network made cheaper by a recipe.
struct CheaperNetwork {
  Graph graph;
  std::vector<std::string> notes;  // layers left in floats
};

// `calibration`: some of the rows that the network reads, [n, ...]. Errors: those of
// quantise_network.
Result<CheaperNetwork> apply_recipe(const Graph& network, const ShrinkRecipe& recipe,
                                    const Tensor& calibration);

}  // namespace tenbin
