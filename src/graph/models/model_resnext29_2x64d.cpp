// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"

namespace tenbin {
namespace {

Plane block(PlaneNet& net, const Plane& src, std::int64_t inner, std::int64_t stride) {
  Plane p = net.conv_norm_relu(src, {.out = inner, .kernel = 1});
  p = net.conv_norm_relu(p, {.out = inner, .stride = stride, .group = 2});
  p = net.conv_norm(p, {.out = 2 * inner, .kernel = 1});
  return net.relu(net.add(p, net.shortcut(src, 2 * inner, stride)));
}

Result<Graph> build(const ModelOptions& options) {
  PlaneNet net(options);
  Plane p = net.conv_norm_relu(net.input(), {.out = 64, .kernel = 1});
  for (const std::int64_t inner : {128, 256, 512}) {
    p = block(net, p, inner, inner == 128 ? 1 : 2);
    p = block(net, p, inner, 1);
    p = block(net, p, inner, 1);
  }
  return net.classify(p);
}

}  // namespace

const ModelEntry& model_resnext29_2x64d();
const ModelEntry& model_resnext29_2x64d() {
  static const ModelEntry entry{
      "resnext29_2x64d",
      "ResNeXt29_2x64d",
      "Residual blocks of grouped convolutions (Xie et al. 2017, arXiv 1611.05431).",
      "channels x height x width",
      {3, 32, 32},
      {},
      build};
  return entry;
}

}  // namespace tenbin
