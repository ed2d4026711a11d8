// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/shrink/faster_in_floats.h"
#include "base/result.h"
#include "base/stop_question.h"
#include "graph/graph.h"
#include "plan/shrink_plan.h"

namespace tenbin {

// A network made cheaper by a recipe.
struct CheaperNetwork {
  Graph graph;
  std::vector<std::string> notes;  // layers left in floats
};

// What a recipe is applied with. Borrowed.
struct RecipeTools {
  const Tensor& calibration;  // some of the rows that the network reads, [n, ...]
  // Trains a network on its grids, where the recipe says so.
  std::function<Result<Graph>(const Graph&)> learn;
  LayerTiming timing;
  Clock& clock;
  StopQuestion may_go_on;  // asked between layers while weights are rounded
};

// Errors: those of quantise_network, faster_in_floats, `learn` and `may_go_on`; kUnsupportedOp
// where no layer can be put on grids that each run finds.
Result<CheaperNetwork> apply_recipe(const Graph& network, const ShrinkRecipe& recipe,
                                    const RecipeTools& tools);

}  // namespace tenbin
