// SPDX-License-Identifier: Apache-2.0
#include "compress/qat.h"

#include <algorithm>
#include <map>
#include <vector>

#include "compress/grid_writer.h"
#include "compress/layers.h"
#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

// Weights rounded in the graph become integers. Returns how many.
int store_weights(Graph& graph) {
  std::map<std::string, std::string> stored;  // what QuantizeLinear made -> the constant
  for (const OpCall& node : graph.nodes) {
    const Tensor* weights = node.op == "QuantizeLinear" ? float_constant(graph, node, 0) : nullptr;
    const Tensor* scales = weights != nullptr ? float_constant(graph, node, 1) : nullptr;
    if (scales == nullptr) continue;
    const auto axis = static_cast<std::size_t>(node.integer("axis", 1));
    const std::string name = graph.fresh_name(node.inputs[0] + "_stored");
    Tensor values = steps_of(*weights, axis, *scales).values;
    graph.initializers[name] = std::move(values);
    stored[node.outputs[0]] = name;
  }
  std::erase_if(graph.nodes,
                [&](const OpCall& node) { return stored.contains(node.outputs.front()); });
  for (OpCall& node : graph.nodes) {
    for (std::string& input : node.inputs) {
      if (const auto found = stored.find(input); found != stored.end()) input = found->second;
    }
  }
  return static_cast<int>(stored.size());
}

// The constant scale of the DequantizeLinear that makes a value, or null.
const Tensor* scale_behind(const Graph& graph, const std::string& value) {
  const auto writer = std::ranges::find_if(
      graph.nodes, [&](const OpCall& node) { return node.outputs.front() == value; });
  const bool on_grid = writer != graph.nodes.end() && writer->op == "DequantizeLinear";
  return on_grid ? float_constant(graph, *writer, 1) : nullptr;
}

void store_biases(Graph& graph) {
  std::vector<OpCall> before;  // calls to be added
  for (OpCall& node : graph.nodes) {
    if ((node.op != "Conv" && node.op != "Gemm") || node.inputs.size() < 3) continue;
    const Tensor* bias = float_constant(graph, node, 2);
    const Tensor* src = scale_behind(graph, node.inputs[0]);
    const Tensor* weights = scale_behind(graph, node.inputs[1]);
    if (bias == nullptr || src == nullptr || weights == nullptr || src->count() != 1 ||
        bias->shape() != weights->shape()) {
      continue;
    }
    GridBias stored = store_bias(*bias, src->data<float>()[0], *weights);
    const std::string base = node.outputs[0] + "_bias";
    const auto constant = [&](const char* what, Tensor value) {
      const std::string name = graph.fresh_name(base + what);
      graph.initializers[name] = std::move(value);
      return name;
    };
    const Shape each = stored.steps.shape();
    OpCall floats;
    floats.op = "DequantizeLinear";
    floats.inputs = {constant("_stored", std::move(stored.steps)),
                     constant("_scale", std::move(stored.units)),
                     constant("_zero", Tensor(ElementType::kInt32, each))};
    floats.name = graph.fresh_name(base + "_on_grid");
    floats.outputs = {floats.name};
    floats.attributes = {{"axis", std::int64_t{0}}};
    node.inputs[2] = floats.name;
    before.push_back(std::move(floats));
  }
  graph.nodes.insert(graph.nodes.begin(), before.begin(), before.end());
}

}  // namespace

Result<Graph> fake_quantised(const Graph& float_network, const Ranges& ranges,
                             const std::set<std::string>& in_floats) {
  return write_grids(float_network, ranges, in_floats, {}, &GridWriter::round_layer);
}

Result<Graph> to_grids(const Graph& trained) {
  Graph out = trained;
  if (store_weights(out) == 0) {
    return Error(ErrorCode::kBadModel, "network '" + trained.name +
                                           "' rounds no weights: expected one of fake_quantised");
  }
  store_biases(out);
  remove_unused_initializers(out);
  TENBIN_CHECK(check_and_sort(out));
  TENBIN_CHECK(infer_shapes(out));
  return out;
}

}  // namespace tenbin
