// SPDX-License-Identifier: Apache-2.0
#include "graph/models/blocks.h"

namespace tenbin {
namespace {

Result<Graph> build(const ModelOptions& options) {
  PlaneNet net(options);
  const Plane first = net.conv_norm_relu(net.input(), {.out = 64});
  return net.classify(
      four_stages(first, [&](const Plane& p, std::int64_t out, std::int64_t stride) {
        return basic_block(net, p, out, stride);
      }));
}

}  // namespace

const ModelEntry& model_resnet18();
const ModelEntry& model_resnet18() {
  static const ModelEntry entry{
      "resnet18",
      "ResNet18",
      "Residual network of 18 layers (He et al. 2016, arXiv 1512.03385), for small images.",
      "channels x height x width",
      {3, 32, 32},
      {},
      build};
  return entry;
}

}  // namespace tenbin
