// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

template <class T> Tensor line_of(const std::vector<T>& values) {
  return Tensor::of<T>({static_cast<std::int64_t>(values.size())}, std::span<const T>(values));
}

// What a Constant holds; nothing for text and sparse tensors.
std::optional<Tensor> constant_of(const OpCall& call) {
  if (call.op != "Constant" || !call.domain.empty() || call.outputs.size() != 1) return {};
  if (const Tensor* value = call.tensor("value"); value != nullptr) return *value;
  if (call.find("value_float") != nullptr) {
    return Tensor::scalar<float>(call.number("value_float", 0));
  }
  if (call.find("value_int") != nullptr) {
    return Tensor::scalar<std::int64_t>(call.integer("value_int", 0));
  }
  if (call.find("value_floats") != nullptr) return line_of(call.numbers("value_floats"));
  if (call.find("value_ints") != nullptr) return line_of(call.integers("value_ints"));
  return {};
}

}  // namespace

int lift_constants(Graph& graph) {
  std::vector<OpCall> others;
  for (OpCall& call : graph.nodes) {
    auto value = constant_of(call);
    const bool leaves = std::ranges::any_of(graph.outputs, [&](const ValueInfo& output) {
      return !call.outputs.empty() && output.name == call.outputs[0];
    });
    if (value && !leaves) {
      graph.initializers.insert_or_assign(call.outputs[0], std::move(*value));
    } else {
      others.push_back(std::move(call));
    }
  }
  const auto lifted = graph.nodes.size() - others.size();
  graph.nodes = std::move(others);
  return static_cast<int>(lifted);
}

}  // namespace tenbin
