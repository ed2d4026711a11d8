// SPDX-License-Identifier: Apache-2.0
#include "compress/correct_bias.h"

#include <vector>

#include "compress/insert_grids.h"
#include "compress/layers.h"
#include "compress/observe.h"

namespace tenbin {
namespace {

// Means of each output channel of some values [batch, channels, ...].
Result<std::vector<std::vector<double>>> channel_means(const Graph& graph,
                                                       const std::vector<std::string>& values,
                                                       const Tensor& rows) {
  std::vector<std::vector<double>> sums(values.size());
  std::vector<double> counts(values.size(), 0);
  TENBIN_CHECK(observe(graph, values, rows, [&](const ObservedRows& some) -> Status {
    const OutputView view = outputs_of(some.shape, 1);
    sums[some.value].resize(view.outputs, 0);
    for (std::size_t i = 0; i < some.data.size(); ++i) {
      sums[some.value][view.output(i)] += static_cast<double>(some.data[i]);
    }
    counts[some.value] += static_cast<double>(some.data.size() / view.outputs);
    return {};
  }));
  for (std::size_t v = 0; v < sums.size(); ++v) {
    for (double& sum : sums[v]) sum /= counts[v];
  }
  return sums;
}

// A layer with a bias of its own that is one number for each output, or could have one.
bool can_correct(const Graph& graph, const OpCall& node) {
  if (!is_layer(graph, node) || node.op == "MatMul" || node.number("beta", 1) != 1) return false;
  if (node.inputs.size() < 3 || node.inputs[2].empty()) return true;
  const Tensor* bias = float_constant(graph, node, 2);
  const Tensor& weights = graph.initializers.at(node.inputs[1]);
  return bias != nullptr && bias->count() == weights.shape()[output_axis(node, weights.shape())];
}

// Gives the node a bias that nobody else reads; zeros where it had none.
Tensor& own_bias(Graph& graph, OpCall& node) {
  const Tensor& weights = graph.initializers.at(node.inputs[1]);
  const Shape shape = {weights.shape()[output_axis(node, weights.shape())]};
  node.inputs.resize(3);
  const std::string old = node.inputs[2];
  if (!old.empty() && count_readers(graph, old) == 1) return graph.initializers.at(old);
  const std::string name = graph.fresh_name(node.outputs[0] + "_bias");
  Tensor value(ElementType::kFloat32, shape);
  if (!old.empty()) value = graph.initializers.at(old);
  node.inputs[2] = name;
  return graph.initializers[name] = std::move(value);
}

}  // namespace

Result<Graph> correct_biases(const Graph& graph, const Ranges& ranges, const Tensor& rows,
                             const std::set<std::string>& in_floats, const ChosenWeights& chosen,
                             const StopQuestion& may_go_on) {
  Graph corrected = graph;
  std::vector<std::size_t> layers;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const OpCall& node = graph.nodes[i];
    if (!can_correct(graph, node) || in_floats.contains(node.name)) continue;
    layers.push_back(i);
    values.push_back(node.outputs[0]);
  }
  if (layers.empty()) return corrected;
  TENBIN_TRY(const auto wanted, channel_means(graph, values, rows));
  for (std::size_t l = 0; l < layers.size(); ++l) {
    TENBIN_CHECK(may_go_on());
    TENBIN_TRY(const Graph stored, insert_grids(corrected, ranges, in_floats, chosen));
    TENBIN_TRY(const auto found, channel_means(stored, {values[l]}, rows));
    const auto bias = own_bias(corrected, corrected.nodes[layers[l]]).data<float>();
    for (std::size_t c = 0; c < bias.size(); ++c) {
      bias[c] = static_cast<float>(static_cast<double>(bias[c]) + wanted[l][c] - found[0][c]);
    }
  }
  return corrected;
}

}  // namespace tenbin
