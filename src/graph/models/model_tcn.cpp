// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"

namespace tenbin {
namespace {

constexpr std::int64_t kChannels = 32, kKernel = 3, kBlocks = 4;
constexpr std::int64_t kMostBlocks = 16;  // the reach doubles with each

// Two causal convolutions of one dilation, beside a shortcut.
std::string block(GraphBuilder& b, Layers& layers, const std::string& src, std::int64_t in,
                  std::int64_t out, std::int64_t dilation) {
  const std::int64_t before = (kKernel - 1) * dilation;
  const auto causal = [&](const std::string& from, std::int64_t channels) {
    return layers.relu(layers.conv1d(
        from,
        {.in = channels, .out = out, .kernel = kKernel, .dilation = dilation, .before = before}));
  };
  const std::string inner = causal(causal(src, in), out);
  const std::string beside =
      in == out ? src : layers.conv1d(src, {.in = in, .out = out, .kernel = 1});
  return layers.relu(b.node("Add", {inner, beside}));
}

Result<Graph> build(const ModelOptions& options) {
  const std::int64_t blocks = options.depth == 0 ? kBlocks : options.depth;
  if (blocks > kMostBlocks) {
    return Error(ErrorCode::kBadValue, "depth of " + std::to_string(blocks) + ", expected 1 to " +
                                           std::to_string(kMostBlocks) + " blocks");
  }
  GraphBuilder b;
  Layers layers(b, options.seed, Init::kUniform);
  const std::int64_t out = scaled_width(kChannels, options.width);
  std::int64_t in = options.input[0];
  std::string x = b.input("x", ElementType::kFloat32, {-1, in, options.input[1]});
  for (std::int64_t i = 0; i < blocks; ++i, in = out) {
    x = block(b, layers, x, in, out, std::int64_t{1} << i);
  }
  x = b.node("Flatten", {b.node("GlobalAveragePool", {x})});
  b.output(layers.dense(x, out, options.classes, 1), "logits");
  return std::move(b).build();
}

}  // namespace

const ModelEntry& model_tcn();
const ModelEntry& model_tcn() {
  static const ModelEntry entry{
      "tcn",
      "TCN",
      "Dilated causal convolutions over time with shortcuts (Bai et al. 2018, arXiv 1803.01271).",
      "channels x length",
      {8, 128},
      {"width", "depth"},
      build};
  return entry;
}

}  // namespace tenbin
