// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/apply_recipe.h"

#include "compress/quantise_network.h"
#include "graph/rewrites/rewrites.h"

namespace tenbin {

Result<CheaperNetwork> apply_recipe(const Graph& network, const ShrinkRecipe& recipe,
                                    const Tensor& calibration) {
  CheaperNetwork out;
  out.graph = network;
  TENBIN_CHECK(remove_identities(out.graph));
  TENBIN_CHECK(fold_batch_norm(out.graph));
  if (!recipe.int8) return out;
  QuantiseOptions options;
  TENBIN_TRY(options.ranges, OptionText<RangeMethod>::parse(recipe.ranges));
  options.repaired = recipe.repaired;
  options.error_allowed = recipe.error_allowed;
  TENBIN_TRY(QuantisedNetwork quantised, quantise_network(out.graph, calibration, options));
  out.graph = std::move(quantised.graph);
  if (!quantised.in_floats.empty()) {
    std::string names;
    for (const std::string& name : quantised.in_floats) names += (names.empty() ? "" : ", ") + name;
    out.notes.push_back("left in float32: " + names);
  }
  return out;
}

}  // namespace tenbin
