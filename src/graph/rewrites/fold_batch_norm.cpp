// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

// Readers of each value, graph outputs included.
std::map<std::string, int> readers_of(const Graph& graph) {
  std::map<std::string, int> readers;
  for (const OpCall& call : graph.nodes) {
    for (const std::string& input : call.inputs) ++readers[input];
  }
  for (const ValueInfo& output : graph.outputs) ++readers[output.name];
  return readers;
}

const Tensor* floats(const Graph& graph, const OpCall& call, std::size_t i) {
  if (i >= call.inputs.size()) return nullptr;
  const auto found = graph.initializers.find(call.inputs[i]);
  const bool usable =
      found != graph.initializers.end() && found->second.type() == ElementType::kFloat32;
  return usable ? &found->second : nullptr;
}

struct Affine {
  std::vector<double> scale, shift;  // of each channel
};

// What a BatchNormalization does to a channel; empty if its operands are not plain vectors.
Affine affine_of(const Graph& graph, const OpCall& norm) {
  const Tensor *gamma = floats(graph, norm, 1), *beta = floats(graph, norm, 2),
               *mean = floats(graph, norm, 3), *variance = floats(graph, norm, 4);
  if (gamma == nullptr || beta == nullptr || mean == nullptr || variance == nullptr) return {};
  const std::int64_t channels = gamma->count();
  for (const Tensor* vector : {beta, mean, variance}) {
    if (vector->count() != channels) return {};
  }
  const double epsilon = static_cast<double>(norm.number("epsilon", 1e-5f));
  Affine out;
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    const auto at = [c](const Tensor* t) { return static_cast<double>(t->data<float>()[c]); };
    const double scale = at(gamma) / std::sqrt(at(variance) + epsilon);
    if (!std::isfinite(scale)) return {};
    out.scale.push_back(scale);
    out.shift.push_back(at(beta) - at(mean) * scale);
  }
  return out;
}

// Outputs are the first axis of the weights (Conv, Gemm with transB) or the last.
void scale_weights(Tensor& weights, const std::vector<double>& scale, bool first_axis) {
  auto data = weights.data<float>();
  if (scale.empty() || data.empty()) return;
  const std::size_t channels = scale.size(), each = data.size() / channels;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const std::size_t channel = first_axis ? i / each : i % channels;
    data[i] = static_cast<float>(static_cast<double>(data[i]) * scale[channel]);
  }
}

bool scaled_gemm(const OpCall& call) {
  return call.number("alpha", 1) != 1 || call.number("beta", 1) != 1;
}

// Folds `norm` into `layer`; false if this pair is not of the plain kind.
bool fold(Graph& graph, OpCall& layer, const OpCall& norm) {
  const bool conv = layer.op == "Conv";
  if (!layer.domain.empty() || (!conv && (layer.op != "Gemm" || scaled_gemm(layer)))) return false;
  const Tensor* weights = floats(graph, layer, 1);
  const Affine affine = affine_of(graph, norm);
  if (weights == nullptr || affine.scale.empty() || weights->shape().size() < 2) return false;
  const bool first_axis = conv || layer.integer("transB", 0) != 0;
  const std::int64_t out = weights->shape()[first_axis ? 0 : 1];
  if (out != static_cast<std::int64_t>(affine.scale.size())) return false;
  const bool has_bias = layer.inputs.size() > 2 && !layer.inputs[2].empty();
  const Tensor* bias = floats(graph, layer, 2);
  if (has_bias && (bias == nullptr || bias->count() != out)) return false;
  Tensor folded_bias(ElementType::kFloat32, {out});
  for (std::size_t c = 0; c < affine.scale.size(); ++c) {
    const double before = has_bias ? static_cast<double>(bias->data<float>()[c]) : 0;
    folded_bias.data<float>()[c] = static_cast<float>(before * affine.scale[c] + affine.shift[c]);
  }
  Tensor folded = *weights;
  scale_weights(folded, affine.scale, first_axis);
  // New names: the old tensors may have other readers.
  const std::string weights_name = graph.fresh_name(layer.inputs[1] + ".folded");
  graph.initializers.emplace(weights_name, std::move(folded));
  const std::string bias_name =
      graph.fresh_name((has_bias ? layer.inputs[2] : layer.inputs[1] + ".bias") + ".folded");
  graph.initializers.emplace(bias_name, std::move(folded_bias));
  layer.inputs = {layer.inputs[0], weights_name, bias_name};
  layer.outputs = {norm.outputs[0]};
  return true;
}

}  // namespace

Result<int> fold_batch_norm(Graph& graph) {
  TENBIN_CHECK(check_and_sort(graph));
  const auto readers = readers_of(graph);
  std::map<std::string, std::size_t> writer;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& output : graph.nodes[i].outputs) writer[output] = i;
  }
  std::vector<bool> gone(graph.nodes.size(), false);
  int folded = 0;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const OpCall norm = graph.nodes[i];
    const bool plain = norm.op == "BatchNormalization" && norm.domain.empty() &&
                       norm.outputs.size() == 1 && norm.inputs.size() == 5 &&
                       norm.integer("training_mode", 0) == 0;
    if (!plain || readers.at(norm.inputs[0]) != 1) continue;
    const auto source = writer.find(norm.inputs[0]);
    if (source == writer.end() || !fold(graph, graph.nodes[source->second], norm)) continue;
    graph.values.erase(norm.inputs[0]);
    gone[i] = true;
    // A second normalisation after this one finds the layer again.
    writer[norm.outputs[0]] = source->second;
    ++folded;
  }
  std::vector<OpCall> kept;
  for (std::size_t i = 0; i < gone.size(); ++i) {
    if (!gone[i]) kept.push_back(std::move(graph.nodes[i]));
  }
  graph.nodes = std::move(kept);
  if (folded > 0) remove_unused_initializers(graph);
  return folded;
}

}  // namespace tenbin
