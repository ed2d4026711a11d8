// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"

namespace tenbin {
namespace {

struct Stage {
  std::int64_t depth, width, stride;
};
constexpr Stage kStages[] = {{1, 24, 1}, {1, 56, 1}, {4, 152, 2}, {7, 368, 2}};
constexpr std::int64_t kGroupWidth = 8;

Plane block(PlaneNet& net, const Plane& src, std::int64_t out, std::int64_t stride) {
  Plane p = net.conv_norm_relu(src, {.out = out, .kernel = 1});
  p = net.conv_norm_relu(p, {.out = out, .stride = stride, .group = out / kGroupWidth});
  p = net.conv_norm(p, {.out = out, .kernel = 1});
  return net.relu(net.add(p, net.shortcut(src, out, stride)));
}

Result<Graph> build(const ModelOptions& options) {
  PlaneNet net(options);
  Plane p = net.conv_norm_relu(net.input(), {.out = 64});
  for (const Stage& stage : kStages) {
    for (std::int64_t i = 0; i < stage.depth; ++i) {
      p = block(net, p, stage.width, i == 0 ? stage.stride : 1);
    }
  }
  return net.classify(p);
}

}  // namespace

const ModelEntry& model_regnetx_200mf();
const ModelEntry& model_regnetx_200mf() {
  static const ModelEntry entry{
      "regnetx_200mf",
      "RegNetX_200MF",
      "Regular network of grouped bottlenecks (Radosavovic et al. 2020, arXiv 2003.13678).",
      "channels x height x width",
      {3, 32, 32},
      {},
      build};
  return entry;
}

}  // namespace tenbin
