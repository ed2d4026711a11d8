// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/candidates.h"

#include <algorithm>

#include "app/shrink/shrink.h"
#include "compress/trees/forest.h"

namespace tenbin {

Result<std::unique_ptr<Candidates>> candidates_of(const CandidateSource& source) {
  const auto& nodes = source.model.graph.nodes;
  if (std::ranges::any_of(nodes, is_forest)) return tree_candidates(source);
  const bool on_grids =
      std::ranges::any_of(nodes, [](const OpCall& node) { return node.op == "QuantizeLinear"; });
  if (on_grids) {
    return Error(ErrorCode::kUnsupportedOp,
                 "the model is on 8-bit grids already: it has QuantizeLinear", source.options.model,
                 "give the float model that it was made from");
  }
  auto found = network_candidates(source);
  if (found.ok()) return found;
  return Error(found.error())
      .at(source.options.model)
      .with_hint(
          "what can be shrunk is a tree ensemble, or one network of layers from floats or "
          "tokens to floats");
}

}  // namespace tenbin
