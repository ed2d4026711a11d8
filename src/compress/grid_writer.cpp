// SPDX-License-Identifier: Apache-2.0
#include "compress/grid_writer.h"

#include <algorithm>
#include <cmath>

#include "compress/layers.h"
#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

Status check_chosen(const std::string& name, const GridWeights& chosen, const Tensor& floats,
                    std::size_t axis) {
  if (chosen.values.type() == ElementType::kInt8 && chosen.values.shape() == floats.shape() &&
      chosen.axis == axis && chosen.scales.type() == ElementType::kFloat32 &&
      chosen.scales.shape() == Shape{floats.shape()[axis]}) {
    return {};
  }
  return Error(ErrorCode::kBadShape,
               "chosen weights " + to_text(chosen.values.shape()) + " with scales " +
                   to_text(chosen.scales.shape()) + ", expected " + to_text(floats.shape()) +
                   " with one scale for each index of axis " + std::to_string(axis),
               "weights '" + name + "'");
}

}  // namespace

bool is_mover(const OpCall& node) {
  return node.op == "MaxPool" || node.op == "Flatten" || node.op == "Reshape";
}

bool is_sum(const Graph& graph, const OpCall& node) {
  return node.op == "Add" && !graph.initializers.contains(node.inputs[0]) &&
         !graph.initializers.contains(node.inputs[1]);
}

namespace {

// Whether a node hands on what one value holds: an activation, a pool.
bool hands_on(const Graph& graph, const OpCall& node) {
  return std::ranges::count_if(node.inputs, [&](const std::string& input) {
           return !input.empty() && !graph.initializers.contains(input);
         }) == 1;
}

// What only moves floats that no integers were multiplied for stays with them: its reader rounds
// less after a pool than before it.
void leave_movers_of_floats(const Graph& graph, std::vector<bool>& takes) {
  std::set<std::string> of_integers;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const OpCall& node = graph.nodes[i];
    const bool reads = of_integers.contains(node.inputs.empty() ? "" : node.inputs[0]);
    if (takes[i] && is_mover(node)) takes[i] = reads;
    const bool layer = is_layer(graph, node) || is_sum(graph, node);
    if (layer ? bool{takes[i]} : reads && hands_on(graph, node)) {
      of_integers.insert(node.outputs.begin(), node.outputs.end());
    }
  }
}

}  // namespace

std::vector<bool> integer_nodes(const Graph& graph, const std::set<std::string>& in_floats) {
  std::vector<bool> takes(graph.nodes.size(), false);
  std::set<std::string> wanted;  // values that a node reads on a grid
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const OpCall& node = graph.nodes[i];
    if (!node.domain.empty() || in_floats.contains(node.name)) continue;
    takes[i] = is_layer(graph, node) || is_sum(graph, node) ||
               (is_mover(node) && wanted.contains(node.outputs[0]));
    if (takes[i]) wanted.insert(node.inputs.begin(), node.inputs.end());
  }
  leave_movers_of_floats(graph, takes);
  return takes;
}

Status GridWriter::put_on_grid(const std::string& value, const std::string& like) {
  if (on_grid_.contains(value)) return {};
  if (!like.empty() && grids_.contains(like)) {
    grids_[value] = grids_.at(like);
    scales_[value] = scales_.at(like);
  } else {
    const auto range = ranges_.find(value);
    if (range == ranges_.end()) {
      return Error(ErrorCode::kBadValue, "no range of value '" + value + "'");
    }
    const auto [least, most] = range->second;
    const bool negative = least < 0;
    float scale = negative ? std::max(-least, most) / 127 : most / 255;
    if (!(scale > 1e-30F)) scale = 1;  // nothing but zeros were seen
    const Tensor zero = negative ? Tensor::scalar(std::int8_t{0}) : Tensor::scalar(std::uint8_t{0});
    grids_[value] = {constant(value + "_scale", Tensor::scalar(scale)),
                     constant(value + "_zero", zero)};
    scales_[value] = scale;
  }
  const auto& [scale, zero] = grids_.at(value);
  const std::string stored = call("QuantizeLinear", {value, scale, zero}, value + "_stored");
  on_grid_[value] = call("DequantizeLinear", {stored, scale, zero}, value + "_on_grid");
  return {};
}

Status GridWriter::store_layer(OpCall& node) {
  const std::string weights = node.inputs[1];
  const float src_scale = scales_.at(node.inputs[0]);
  const Tensor& floats = out_.initializers.at(weights);
  const std::size_t axis = output_axis(node, floats.shape());
  const auto given = chosen_.find(weights);
  if (given != chosen_.end()) TENBIN_CHECK(check_chosen(weights, given->second, floats, axis));
  GridWeights stored = given != chosen_.end() ? given->second : nearest_weights(floats, axis);
  const Tensor scales = stored.scales;
  node.inputs[1] = call("DequantizeLinear",
                        {constant(weights + "_stored", std::move(stored.values)),
                         constant(weights + "_scale", std::move(stored.scales)),
                         constant(weights + "_zero", Tensor(ElementType::kInt8, scales.shape()))},
                        weights + "_on_grid", {{"axis", static_cast<std::int64_t>(axis)}});
  if (node.inputs.size() < 3 || node.inputs[2].empty()) return {};
  const std::string bias = node.inputs[2];
  const auto found = out_.initializers.find(bias);
  if (found == out_.initializers.end() || found->second.shape() != scales.shape()) return {};
  auto [steps, units] = store_bias(found->second, src_scale, scales);
  node.inputs[2] = call(
      "DequantizeLinear",
      {constant(bias + "_stored", std::move(steps)), constant(bias + "_scale", std::move(units)),
       constant(bias + "_zero", Tensor(ElementType::kInt32, scales.shape()))},
      bias + "_on_grid", {{"axis", std::int64_t{0}}});
  return {};
}

Status GridWriter::round_layer(OpCall& node) {
  const std::string weights = node.inputs[1];
  const Tensor& floats = out_.initializers.at(weights);
  const std::size_t axis = output_axis(node, floats.shape());
  const Tensor scales = weight_scales(floats, axis);
  const Attributes along = {{"axis", static_cast<std::int64_t>(axis)}};
  const std::string scale = constant(weights + "_scale", scales);
  const std::string zero = constant(weights + "_zero", Tensor(ElementType::kInt8, scales.shape()));
  const std::string rounded =
      call("QuantizeLinear", {weights, scale, zero}, weights + "_rounded", along);
  node.inputs[1] = call("DequantizeLinear", {rounded, scale, zero}, weights + "_on_grid", along);
  return {};
}

Result<Graph> write_grids(const Graph& graph, const Ranges& ranges,
                          const std::set<std::string>& in_floats, const ChosenWeights& chosen,
                          Status (GridWriter::*rewrite)(OpCall& node)) {
  GridWriter writer(graph, ranges, chosen);
  std::map<std::string, std::string> moved;  // what a mover made, from what
  const std::vector<bool> on_integers = integer_nodes(graph, in_floats);
  for (std::size_t at = 0; at < graph.nodes.size(); ++at) {
    OpCall node = graph.nodes[at];
    const bool integers = on_integers[at];
    const std::size_t operands = is_sum(graph, node) ? 2 : 1;
    for (std::size_t i = 0; integers && i < operands; ++i) {
      const auto like = moved.find(node.inputs[i]);
      TENBIN_CHECK(
          writer.put_on_grid(node.inputs[i], like == moved.end() ? std::string() : like->second));
    }
    if (integers && is_layer(graph, node)) TENBIN_CHECK((writer.*rewrite)(node));
    if (integers && is_mover(node)) moved[node.outputs[0]] = node.inputs[0];
    for (std::size_t i = 0; integers && i < operands; ++i) {
      node.inputs[i] = *writer.grid_of(node.inputs[i]);
    }
    writer.add(std::move(node));
  }
  Graph out = std::move(writer).take();
  remove_unused_initializers(out);
  TENBIN_CHECK(check_and_sort(out));
  TENBIN_CHECK(infer_shapes(out));
  return out;
}

}  // namespace tenbin
