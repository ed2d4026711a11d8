// SPDX-License-Identifier: Apache-2.0
#include "graph/models/blocks.h"

namespace tenbin {
namespace {

Result<Graph> build(const ModelOptions& options) {
  PlaneNet net(options);
  const Plane first = net.conv_norm_relu(net.input(), {.out = 64});
  return net.classify(
      four_stages(first, [&](const Plane& p, std::int64_t out, std::int64_t stride) {
        return preactivated_block(net, p, out, stride, true);
      }));
}

}  // namespace

const ModelEntry& model_senet18();
const ModelEntry& model_senet18() {
  static const ModelEntry entry{
      "senet18",
      "SENet18",
      "Pre-activated ResNet18 with squeeze and excitation (Hu et al. 2018, arXiv 1709.01507).",
      "channels x height x width",
      {3, 32, 32},
      {},
      build};
  return entry;
}

}  // namespace tenbin
