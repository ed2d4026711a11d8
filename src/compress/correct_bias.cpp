// SPDX-License-Identifier: Apache-2.0
#include "compress/correct_bias.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "compress/insert_grids.h"
#include "compress/layers.h"
#include "compress/observe.h"

namespace tenbin {
namespace {

// Means of each output channel of what some layers make: [batch, channels, ...], of a MatMul
// [batch, ..., channels].
Result<std::vector<std::vector<double>>> channel_means(const Graph& graph,
                                                       const std::vector<OpCall>& layers,
                                                       const Tensor& rows) {
  std::vector<std::string> values;
  for (const OpCall& layer : layers) values.push_back(layer.outputs[0]);
  std::vector<std::vector<double>> sums(values.size());
  std::vector<double> counts(values.size(), 0);
  TENBIN_CHECK(observe(graph, values, rows, [&](const ObservedRows& some) -> Status {
    const bool last = layers[some.value].op == "MatMul";
    const OutputView view = outputs_of(some.shape, last ? some.shape.size() - 1 : 1);
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

std::int64_t outputs_of_layer(const Graph& graph, const OpCall& layer) {
  const Shape& weights = graph.initializers.at(layer.inputs[1]).shape();
  return weights[output_axis(layer, weights)];
}

// Where a layer's bias is read: its own third input, or the other operand of the Add behind a
// MatMul. Nothing: it has none and cannot get one.
struct BiasInput {
  std::size_t node = 0, input = 2;
};
std::optional<BiasInput> bias_input(const Graph& graph, std::size_t at) {
  const OpCall& node = graph.nodes[at];
  if (!is_layer(graph, node) || node.number("beta", 1) != 1) return std::nullopt;
  BiasInput place{at, 2};
  if (node.op == "MatMul") {
    const OpCall* next = only_reader(graph, node.outputs[0]);
    if (next == nullptr || next->op != "Add" || !next->domain.empty()) return std::nullopt;
    place.node = static_cast<std::size_t>(next - graph.nodes.data());
    place.input = next->inputs[0] == node.outputs[0] ? 1 : 0;
  } else if (node.inputs.size() < 3 || node.inputs[2].empty()) {
    return place;
  }
  const Tensor* bias = float_constant(graph, graph.nodes[place.node], place.input);
  if (bias == nullptr || bias->count() != outputs_of_layer(graph, node)) return std::nullopt;
  return bias->shape().back() == bias->count() ? std::optional(place) : std::nullopt;
}

// Gives the layer a bias that nobody else reads; zeros where it had none.
Tensor& own_bias(Graph& graph, const OpCall& layer, const BiasInput& place) {
  OpCall& reader = graph.nodes[place.node];
  reader.inputs.resize(std::max(reader.inputs.size(), place.input + 1));
  const std::string old = reader.inputs[place.input];
  if (!old.empty() && count_readers(graph, old) == 1) return graph.initializers.at(old);
  const std::string name = graph.fresh_name(layer.outputs[0] + "_bias");
  Tensor value(ElementType::kFloat32, {outputs_of_layer(graph, layer)});
  if (!old.empty()) value = graph.initializers.at(old);
  reader.inputs[place.input] = name;
  return graph.initializers[name] = std::move(value);
}

}  // namespace

Result<Graph> correct_biases(const Graph& graph, const Ranges& ranges, const Tensor& rows,
                             const std::set<std::string>& in_floats, const ChosenWeights& chosen,
                             const StopQuestion& may_go_on) {
  Graph corrected = graph;
  std::vector<OpCall> layers;
  std::vector<BiasInput> places;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto place = bias_input(graph, i);
    if (!place || in_floats.contains(graph.nodes[i].name)) continue;
    layers.push_back(graph.nodes[i]);
    places.push_back(*place);
  }
  if (layers.empty()) return corrected;
  TENBIN_TRY(const auto wanted, channel_means(graph, layers, rows));
  for (std::size_t l = 0; l < layers.size(); ++l) {
    TENBIN_CHECK(may_go_on());
    TENBIN_TRY(const Graph stored, insert_grids(corrected, ranges, in_floats, chosen));
    TENBIN_TRY(const auto found, channel_means(stored, {layers[l]}, rows));
    const auto bias = own_bias(corrected, layers[l], places[l]).data<float>();
    for (std::size_t c = 0; c < bias.size(); ++c) {
      bias[c] = static_cast<float>(static_cast<double>(bias[c]) + wanted[l][c] - found[0][c]);
    }
  }
  return corrected;
}

}  // namespace tenbin
