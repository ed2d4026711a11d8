// SPDX-License-Identifier: Apache-2.0
#include "graph/learned.h"

#include <algorithm>

#include "graph/schema.h"

namespace tenbin {
namespace {

const Tensor* float_constant(const Graph& graph, const std::string& name) {
  const auto found = graph.initializers.find(name);
  const bool fits =
      found != graph.initializers.end() && found->second.type() == ElementType::kFloat32;
  return fits ? &found->second : nullptr;
}

// An operand of a sum or product beside a value that depends on learned weights.
void take_operand(const Graph& graph, const OpCall& call, LearnedNames& learned) {
  if ((call.op != "Add" && call.op != "Mul") || !call.domain.empty() || call.inputs.size() != 2) {
    return;
  }
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    const Tensor* tensor = float_constant(graph, call.inputs[i]);
    const bool beside_learned = learned.values.contains(call.inputs[1 - i]);
    if (tensor != nullptr && tensor->count() > 1 && beside_learned) {
      learned.weights.insert(call.inputs[i]);
    }
  }
}

}  // namespace

LearnedNames find_learned(const Graph& graph) {
  LearnedNames learned;
  for (const OpCall& call : graph.nodes) {
    if (const OpSchema* schema = find_schema(call.domain, call.op); schema != nullptr) {
      for (const std::size_t i : schema->parameters) {
        if (i < call.inputs.size() && float_constant(graph, call.inputs[i]) != nullptr) {
          learned.weights.insert(call.inputs[i]);
        }
      }
    }
    take_operand(graph, call, learned);
    const bool depends = std::ranges::any_of(call.inputs, [&](const std::string& input) {
      return learned.weights.contains(input) || learned.values.contains(input);
    });
    if (depends) learned.values.insert(call.outputs.begin(), call.outputs.end());
  }
  return learned;
}

}  // namespace tenbin
