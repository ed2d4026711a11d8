// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/fake_grid.h"

#include <algorithm>
#include <optional>

#include "engine/dnn/builder.h"

namespace tenbin::dnn {
namespace {

const Tensor* constant(const Graph& graph, const OpCall& node, std::size_t i, ElementType type) {
  if (i >= node.inputs.size()) return nullptr;
  const auto found = graph.initializers.find(node.inputs[i]);
  const bool fits = found != graph.initializers.end() && found->second.type() == type;
  return fits ? &found->second : nullptr;
}

bool all_zero(const Tensor& zero) {
  return std::ranges::all_of(zero.bytes(), [](std::byte b) { return b == std::byte{0}; });
}

// The grid of a QuantizeLinear of constant floats; nothing for any other call.
Result<std::optional<FakeGrid>> grid_of_constant(const Graph& graph, const OpCall& node) {
  if (node.op != "QuantizeLinear" || !node.domain.empty()) return std::optional<FakeGrid>();
  const Tensor* floats = constant(graph, node, 0, ElementType::kFloat32);
  if (floats == nullptr) return std::optional<FakeGrid>();
  const Tensor* scale = constant(graph, node, 1, ElementType::kFloat32);
  const Tensor* zero = constant(graph, node, 2, ElementType::kInt8);
  if (scale == nullptr || zero == nullptr || !all_zero(*zero)) {
    return no_kernel(node, "weights on a grid that is not signed, of 8 bits and without offset");
  }
  FakeGrid grid;
  const auto rank = static_cast<std::int64_t>(floats->shape().size());
  const std::int64_t axis = node.integer("axis", 1);
  grid.axis = static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
  const auto scales = scale->data<float>();
  grid.scales.assign(scales.begin(), scales.end());
  if (grid.scales.size() != 1 &&
      (grid.axis >= floats->shape().size() || scale->count() != floats->shape()[grid.axis])) {
    return Error(ErrorCode::kBadShape,
                 "scale " + to_text(scale->shape()) + " does not fit " + to_text(floats->shape()),
                 "node '" + node.name + "'");
  }
  return std::optional<FakeGrid>(std::move(grid));
}

bool same_back(const Graph& graph, const OpCall& node, const OpCall& back) {
  if (back.op != "DequantizeLinear" || back.inputs[0] != node.outputs[0]) return false;
  const Tensor* there = constant(graph, node, 1, ElementType::kFloat32);
  const Tensor* here = constant(graph, back, 1, ElementType::kFloat32);
  return here != nullptr && *here == *there &&
         (there->count() == 1 || node.integer("axis", 1) == back.integer("axis", 1));
}

}  // namespace

Result<FakeGrids> take_fake_grids(Graph& graph) {
  FakeGrids grids;
  std::map<std::string, std::string> stands_for;  // integers or rounded floats -> the constant
  std::map<std::string, const OpCall*> quantised;
  std::vector<OpCall> rest;
  rest.reserve(graph.nodes.size());
  const std::vector<OpCall> nodes = graph.nodes;
  for (const OpCall& original : nodes) {
    TENBIN_TRY(auto grid, grid_of_constant(graph, original));
    if (grid) {
      if (!grids.try_emplace(original.inputs[0], std::move(*grid)).second) {
        return no_kernel(original, "a second grid of the same weights");
      }
      quantised[original.outputs[0]] = &original;
      continue;
    }
    const auto integers =
        original.inputs.empty() ? quantised.end() : quantised.find(original.inputs[0]);
    if (integers != quantised.end() && same_back(graph, *integers->second, original)) {
      stands_for[original.outputs[0]] = integers->second->inputs[0];
      continue;
    }
    OpCall node = original;
    for (std::string& input : node.inputs) {
      if (quantised.contains(input)) return no_kernel(node, "integers of weights in training");
      if (const auto floats = stands_for.find(input); floats != stands_for.end()) {
        input = floats->second;
      }
    }
    rest.push_back(std::move(node));
  }
  graph.nodes = std::move(rest);
  return grids;
}

std::vector<float> scale_of_elements(const FakeGrid& grid, const Shape& shape) {
  std::size_t inner = 1;
  for (std::size_t d = grid.axis + 1; d < shape.size(); ++d) {
    inner *= static_cast<std::size_t>(shape[d]);
  }
  std::vector<float> out(static_cast<std::size_t>(count_of(shape)));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = grid.scales[grid.scales.size() == 1 ? 0 : i / inner % grid.scales.size()];
  }
  return out;
}

}  // namespace tenbin::dnn
