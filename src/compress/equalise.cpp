// SPDX-License-Identifier: Apache-2.0
#include "compress/equalise.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "compress/layers.h"

namespace tenbin {
namespace {

constexpr int kMostSweeps = 40;
constexpr double kSettled = 1e-3;  // largest change of a scale in a sweep
// Beyond, a channel is as good as dead and its other side would overflow the rest.
constexpr double kMostScale = 1e4;

// f(s x) = s f(x) for s > 0, for each channel by itself.
bool scales_with_input(const Graph& graph, const OpCall& node) {
  if (!node.domain.empty() || node.outputs.size() != 1) return false;
  static constexpr const char* kOps[] = {
      "Relu",          "LeakyRelu", "MaxPool", "AveragePool", "GlobalAveragePool",
      "GlobalMaxPool", "Identity",  "Dropout"};
  if (std::ranges::any_of(kOps, [&](const char* op) { return node.op == op; })) return true;
  if (node.op == "Flatten") return node.integer("axis", 1) == 1;
  if (node.op != "Reshape") return false;
  // Rows of the batch stay rows: what lies behind is in the order of the channels.
  const auto from = graph.info(node.inputs[0]), to = graph.info(node.outputs[0]);
  if (!from || !to || from->shape.size() < 2 || to->shape.size() != 2) return false;
  std::int64_t width = 1;
  for (std::size_t d = 1; d < from->shape.size(); ++d) {
    if (from->shape[d] < 0) return false;
    width *= from->shape[d];
  }
  return width == to->shape[1];
}

// One side of a channel's scale: which channel each element of the weights belongs to.
struct Side {
  std::string weights;
  std::vector<std::size_t> channel;  // of each element
};

std::size_t channels_out(const OpCall& layer, const Tensor& weights) {
  return static_cast<std::size_t>(weights.shape()[output_axis(layer, weights.shape())]);
}

Side output_side(const OpCall& layer, const Tensor& weights) {
  const OutputView view = outputs_of(weights.shape(), output_axis(layer, weights.shape()));
  Side side{layer.inputs[1], {}};
  for (std::size_t i = 0; i < static_cast<std::size_t>(weights.count()); ++i) {
    side.channel.push_back(view.output(i));
  }
  return side;
}

// Empty where inputs of the layer are not these channels, each repeated over its plane.
std::optional<Side> input_side(const OpCall& layer, const Tensor& weights, std::size_t channels) {
  const Shape& shape = weights.shape();
  Side side{layer.inputs[1], {}};
  const auto count = static_cast<std::size_t>(weights.count());
  if (layer.op == "Conv") {
    const auto each = static_cast<std::size_t>(shape[1]);
    const auto groups = static_cast<std::size_t>(layer.integer("group", 1));
    const auto outputs = static_cast<std::size_t>(shape[0]);
    if (each * groups != channels) return std::nullopt;
    const std::size_t taps = count / (outputs * each);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t group = i / (taps * each) / (outputs / groups);
      side.channel.push_back(group * each + i / taps % each);
    }
    return side;
  }
  const std::size_t axis = 1 - output_axis(layer, shape);
  const OutputView view = outputs_of(shape, axis);
  if (view.outputs % channels != 0) return std::nullopt;
  const std::size_t repeats = view.outputs / channels;
  for (std::size_t i = 0; i < count; ++i) side.channel.push_back(view.output(i) / repeats);
  return side;
}

struct Pair {
  std::size_t channels = 0;
  Side first, second;
  std::string bias;  // of the first layer; may be empty
};

bool can_scale(const Graph& graph, const OpCall& node) {
  if (!is_layer(graph, node) || graph.initializers.at(node.inputs[1]).shape().size() < 2) {
    return false;
  }
  if (node.op != "Conv" && graph.initializers.at(node.inputs[1]).shape().size() != 2) return false;
  return count_readers(graph, node.inputs[1]) == 1;
}

// The layer that alone reads what `first` makes, and the pair they are.
std::optional<Pair> pair_of(const Graph& graph, const OpCall& first) {
  if (!can_scale(graph, first)) return std::nullopt;
  Pair pair;
  if (first.inputs.size() > 2 && !first.inputs[2].empty()) {
    pair.bias = first.inputs[2];
    const Tensor* bias = float_constant(graph, first, 2);
    if (bias == nullptr || count_readers(graph, pair.bias) != 1) return std::nullopt;
  }
  const Tensor& weights = graph.initializers.at(first.inputs[1]);
  pair.channels = channels_out(first, weights);
  if (!pair.bias.empty() &&
      graph.initializers.at(pair.bias).count() != static_cast<std::int64_t>(pair.channels)) {
    return std::nullopt;
  }
  const OpCall* next = only_reader(graph, first.outputs[0]);
  while (next != nullptr && scales_with_input(graph, *next)) {
    next = only_reader(graph, next->outputs[0]);
  }
  if (next == nullptr || !can_scale(graph, *next)) return std::nullopt;
  if (next->inputs.size() > 2 && next->inputs[2] == next->inputs[0]) return std::nullopt;
  auto second = input_side(*next, graph.initializers.at(next->inputs[1]), pair.channels);
  if (!second) return std::nullopt;
  pair.first = output_side(first, weights);
  pair.second = std::move(*second);
  return pair;
}

std::vector<double> largest_of(const Graph& graph, const Side& side, std::size_t channels) {
  std::vector<double> largest(channels, 0);
  const auto data = graph.initializers.at(side.weights).data<float>();
  for (std::size_t i = 0; i < data.size(); ++i) {
    double& top = largest[side.channel[i]];
    top = std::max(top, std::fabs(static_cast<double>(data[i])));
  }
  return largest;
}

void multiply(Graph& graph, const Side& side, const std::vector<double>& factors) {
  const auto data = graph.initializers.at(side.weights).data<float>();
  for (std::size_t i = 0; i < data.size(); ++i) {
    data[i] = static_cast<float>(static_cast<double>(data[i]) * factors[side.channel[i]]);
  }
}

// Both sides of each channel to the geometric mean of their ranges. Returns the largest change.
double equalise(Graph& graph, const Pair& pair) {
  const auto out = largest_of(graph, pair.first, pair.channels);
  const auto in = largest_of(graph, pair.second, pair.channels);
  std::vector<double> up(pair.channels, 1), down(pair.channels, 1);
  double change = 0;
  for (std::size_t c = 0; c < pair.channels; ++c) {
    if (out[c] <= 0 || in[c] <= 0) continue;  // dead on one side: no scale is better
    up[c] = std::clamp(std::sqrt(out[c] / in[c]), 1 / kMostScale, kMostScale);
    down[c] = 1 / up[c];
    change = std::max(change, std::fabs(std::log(up[c])));
  }
  multiply(graph, pair.first, down);
  multiply(graph, pair.second, up);
  if (!pair.bias.empty()) {
    const auto bias = graph.initializers.at(pair.bias).data<float>();
    for (std::size_t c = 0; c < pair.channels; ++c) {
      bias[c] = static_cast<float>(static_cast<double>(bias[c]) * down[c]);
    }
  }
  return change;
}

}  // namespace

Result<int> equalise_layers(Graph& graph) {
  TENBIN_CHECK(infer_shapes(graph));
  std::vector<Pair> pairs;
  for (const OpCall& node : graph.nodes) {
    if (auto pair = pair_of(graph, node)) pairs.push_back(std::move(*pair));
  }
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    double change = 0;
    for (const Pair& pair : pairs) change = std::max(change, equalise(graph, pair));
    if (change < kSettled) break;
  }
  return static_cast<int>(pairs.size());
}

}  // namespace tenbin
