// SPDX-License-Identifier: Apache-2.0
#include "graph/models/blocks.h"

namespace tenbin {
namespace {

constexpr std::int64_t kDepth = 20;

Result<Graph> build(const ModelOptions& options) {
  const std::int64_t depth = options.depth == 0 ? kDepth : options.depth;
  if (depth < 8 || depth % 6 != 2) {
    return Error(ErrorCode::kBadValue,
                 "depth of " + std::to_string(depth) + ", expected 6n + 2: 8, 14, 20, 26, 32 ...");
  }
  PlaneNet net(options);
  Plane p = net.conv_norm_relu(net.input(), {.out = scaled_width(16, options.width)});
  for (const std::int64_t out : {16, 32, 64}) {
    for (std::int64_t i = 0; i < (depth - 2) / 6; ++i) {
      p = basic_block(net, p, scaled_width(out, options.width), out > 16 && i == 0 ? 2 : 1);
    }
  }
  return net.classify(p);
}

}  // namespace

const ModelEntry& model_resnet();
const ModelEntry& model_resnet() {
  static const ModelEntry entry{
      "resnet",
      "ResNet",
      "Residual network of 6n + 2 layers for small images (He et al. 2016): 20, 32, 44, 56, 110.",
      "channels x height x width",
      {3, 32, 32},
      {"width", "depth"},
      build};
  return entry;
}

}  // namespace tenbin
