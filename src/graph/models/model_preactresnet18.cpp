// SPDX-License-Identifier: Apache-2.0
#include "graph/models/blocks.h"

namespace tenbin {
namespace {

Result<Graph> build(const ModelOptions& options) {
  PlaneNet net(options);
  const Plane first = net.conv(net.input(), {.out = 64});
  return net.classify(
      four_stages(first, [&](const Plane& p, std::int64_t out, std::int64_t stride) {
        return preactivated_block(net, p, out, stride, false);
      }));
}

}  // namespace

const ModelEntry& model_preactresnet18();
const ModelEntry& model_preactresnet18() {
  static const ModelEntry entry{
      "preactresnet18",
      "PreActResNet18",
      "ResNet18 with normalisation before convolution (He et al. 2016, arXiv 1603.05027).",
      "channels x height x width",
      {3, 32, 32},
      {},
      build};
  return entry;
}

}  // namespace tenbin
