// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/apply_recipe.h"

#include <algorithm>

#include "compress/adaround.h"
#include "compress/dynamic_int8.h"
#include "compress/gptq.h"
#include "compress/insert_grids.h"
#include "compress/layers.h"
#include "compress/quantise_network.h"
#include "compress/weight_only.h"
#include "graph/rewrites/rewrites.h"

namespace tenbin {

namespace {

std::string joined(const std::set<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

// Layers that lose time on grids; none where all of them gain.
Result<std::set<std::string>> slower_layers(const Graph& folded, const RecipeTools& tools) {
  TENBIN_TRY(const QuantisedNetwork all, quantise_network(folded, tools.calibration, {}));
  return faster_in_floats(folded, all.graph, tools.calibration, tools.timing, tools.clock);
}

// Dense layers on grids that each run finds.
Result<CheaperNetwork> multiply_by_run(Graph folded) {
  CheaperNetwork out;
  name_nodes(folded);
  TENBIN_TRY(out.graph, multiply_dynamically(folded));
  const bool any = std::ranges::any_of(
      out.graph.nodes, [](const OpCall& node) { return node.op == "MatMulInteger"; });
  if (any) return out;
  return Error(ErrorCode::kUnsupportedOp,
               "no dense layer of 256 weights or more could find its grid in each run");
}

// Weights that share a scale over all of an output are rounded in sequence, or as they learn.
Result<CheaperNetwork> store_weights_alone(Graph folded, const ShrinkRecipe& recipe,
                                           const RecipeTools& tools) {
  CheaperNetwork out;
  name_nodes(folded);
  WeightOnlyOptions options;
  options.bits = recipe.weight_bits;
  options.group = recipe.weight_group;
  ChosenWeights chosen;
  if (options.group == 0) {
    TENBIN_TRY(const Ranges ranges, calibrate(folded, grid_values(folded), tools.calibration));
    RoundingOptions rounding;
    AdaroundOptions learned;
    rounding.most = learned.most = (1 << (options.bits - 1)) - 1;
    if (recipe.rounding_learned) {
      TENBIN_TRY(chosen,
                 learn_rounding(folded, ranges, tools.calibration, {}, learned, tools.may_go_on));
    } else {
      TENBIN_TRY(chosen, round_in_sequence(folded, ranges, tools.calibration, {}, rounding,
                                           tools.may_go_on));
    }
  }
  TENBIN_TRY(out.graph, store_weights(folded, options, {}, chosen));
  return out;
}

}  // namespace

Result<CheaperNetwork> apply_recipe(const Graph& network, const ShrinkRecipe& recipe,
                                    const RecipeTools& tools) {
  CheaperNetwork out;
  out.graph = network;
  TENBIN_CHECK(remove_identities(out.graph));
  TENBIN_CHECK(fold_batch_norm(out.graph));
  if (recipe.weight_bits > 0) return store_weights_alone(std::move(out.graph), recipe, tools);
  if (recipe.dynamic) return multiply_by_run(std::move(out.graph));
  if (!recipe.int8) return out;
  name_nodes(out.graph);
  QuantiseOptions options;
  TENBIN_TRY(options.ranges, OptionText<RangeMethod>::parse(recipe.ranges));
  options.repaired = recipe.repaired;
  options.rounded = recipe.rounded;
  options.rounding_learned = recipe.rounding_learned;
  options.may_go_on = tools.may_go_on;
  options.error_allowed = recipe.error_allowed;
  if (recipe.trained) options.learn = tools.learn;
  if (recipe.where_faster) {
    TENBIN_TRY(options.in_floats, slower_layers(out.graph, tools));
    if (options.in_floats.empty()) out.notes.push_back("every layer is faster on its grid");
  }
  TENBIN_TRY(QuantisedNetwork quantised, quantise_network(out.graph, tools.calibration, options));
  out.graph = std::move(quantised.graph);
  if (!quantised.in_floats.empty()) {
    out.notes.push_back("left in float32: " + joined(quantised.in_floats));
  }
  return out;
}

}  // namespace tenbin
