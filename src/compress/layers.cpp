// SPDX-License-Identifier: Apache-2.0
#include "compress/layers.h"

#include <algorithm>
#include <set>

namespace tenbin {

const Tensor* float_constant(const Graph& graph, const OpCall& node, std::size_t i) {
  if (i >= node.inputs.size()) return nullptr;
  const auto found = graph.initializers.find(node.inputs[i]);
  const bool fits =
      found != graph.initializers.end() && found->second.type() == ElementType::kFloat32;
  return fits ? &found->second : nullptr;
}

bool is_layer(const Graph& graph, const OpCall& node) {
  if (!node.domain.empty()) return false;
  if (node.op != "Conv" && node.op != "Gemm" && node.op != "MatMul") return false;
  const Tensor* weights = float_constant(graph, node, 1);
  return weights != nullptr && weights->shape().size() > 1 &&
         !graph.initializers.contains(node.inputs[0]);
}

std::size_t output_axis(const OpCall& node, const Shape& weights) {
  if (node.op == "Conv") return 0;
  if (node.op == "Gemm") return node.integer("transB", 0) != 0 ? 0 : 1;
  return weights.size() - 1;
}

OutputView outputs_of(const Shape& weights, std::size_t axis) {
  OutputView view;
  view.outputs = static_cast<std::size_t>(weights[axis]);
  for (std::size_t d = axis + 1; d < weights.size(); ++d) {
    view.inner *= static_cast<std::size_t>(weights[d]);
  }
  return view;
}

std::size_t count_readers(const Graph& graph, const std::string& value) {
  std::size_t readers = 0;
  for (const OpCall& node : graph.nodes) {
    if (reads_of(node).contains(value)) ++readers;
  }
  return readers;
}

const OpCall* only_reader(const Graph& graph, const std::string& value) {
  const auto leaves = [&](const ValueInfo& output) { return output.name == value; };
  if (std::ranges::any_of(graph.outputs, leaves)) return nullptr;
  const OpCall* found = nullptr;
  for (const OpCall& node : graph.nodes) {
    if (!reads_of(node).contains(value)) continue;
    if (found != nullptr) return nullptr;
    found = &node;
  }
  return found;
}

void name_nodes(Graph& graph) {
  std::set<std::string> taken;
  for (OpCall& node : graph.nodes) {
    if (node.name.empty() || taken.contains(node.name)) {
      node.name = node.outputs.empty() ? node.op : node.outputs.front();
      for (int i = 2; taken.contains(node.name); ++i) {
        node.name = node.outputs.front() + "_" + std::to_string(i);
      }
    }
    taken.insert(node.name);
  }
}

}  // namespace tenbin
