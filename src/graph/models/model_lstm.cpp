// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "graph/models/plane_net.h"

namespace tenbin {
namespace {

constexpr std::int64_t kUnits = 64, kLayers = 1;
constexpr std::int64_t kMostLayers = 16;

// One layer over [length, batch, in]: all states and the last one.
std::vector<std::string> layer(GraphBuilder& b, Layers& layers, const std::string& src,
                               std::int64_t in, std::int64_t units) {
  const double bound = 1 / std::sqrt(static_cast<double>(units));
  const std::string weights = layers.uniform("lstm.weights", {1, 4 * units, in}, bound);
  const std::string recurrent = layers.uniform("lstm.recurrent", {1, 4 * units, units}, bound);
  const std::string bias = layers.uniform("lstm.bias", {1, 8 * units}, bound);
  return b.nodes("LSTM", {src, weights, recurrent, bias}, 2, {{"hidden_size", units}});
}

Result<Graph> build(const ModelOptions& options) {
  const std::int64_t count = options.depth == 0 ? kLayers : options.depth;
  if (count > kMostLayers) {
    return Error(ErrorCode::kBadValue, "depth of " + std::to_string(count) + ", expected 1 to " +
                                           std::to_string(kMostLayers) + " layers");
  }
  GraphBuilder b;
  Layers layers(b, options.seed, Init::kUniform);
  const std::int64_t units = scaled_width(kUnits, options.width);
  const auto axis = [&b](std::int64_t at) {
    Tensor axes(ElementType::kInt64, {1});
    axes.data<std::int64_t>()[0] = at;
    return b.constant("axes", std::move(axes));
  };
  std::int64_t in = options.input[1];
  std::string x = b.input("x", ElementType::kFloat32, {-1, options.input[0], in});
  x = b.node("Transpose", {x}, {{"perm", std::vector<std::int64_t>{1, 0, 2}}});
  std::string last;
  for (std::int64_t i = 0; i < count; ++i, in = units) {
    const auto states = layer(b, layers, x, in, units);
    if (i + 1 < count) x = b.node("Squeeze", {states[0], axis(1)});
    last = states[1];
  }
  const std::string state = b.node("Squeeze", {last, axis(0)});
  b.output(layers.dense(state, units, options.classes, 1), "logits");
  return std::move(b).build();
}

}  // namespace

const ModelEntry& model_lstm();
const ModelEntry& model_lstm() {
  static const ModelEntry entry{"lstm",
                                "LSTM",
                                "Long short-term memory over steps (Hochreiter and Schmidhuber "
                                "1997), the last state classified.",
                                "length x features",
                                {32, 16},
                                {"width", "depth"},
                                build};
  return entry;
}

}  // namespace tenbin
