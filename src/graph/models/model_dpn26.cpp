// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"

namespace tenbin {
namespace {

struct Stage {
  std::int64_t inner, out, dense, stride;
};
constexpr Stage kStages[] = {
    {96, 256, 16, 1}, {192, 512, 32, 2}, {384, 1024, 24, 2}, {768, 2048, 128, 2}};
constexpr std::int64_t kGroups = 32, kBlocks = 2;

// The first channels are a sum, those behind them are kept and grow.
Plane block(PlaneNet& net, const Plane& src, const Stage& stage, bool first) {
  const std::int64_t stride = first ? stage.stride : 1, wide = stage.out + stage.dense;
  Plane p = net.conv_norm_relu(src, {.out = stage.inner, .kernel = 1});
  p = net.conv_norm_relu(p, {.out = stage.inner, .stride = stride, .group = kGroups});
  p = net.conv_norm(p, {.out = wide, .kernel = 1});
  const Plane beside =
      first ? net.conv_norm(src, {.out = wide, .kernel = 1, .stride = stride}) : src;
  const auto [sum, grown] = net.split(p, stage.out);
  const auto [base, kept] = net.split(beside, stage.out);
  return net.relu(net.concat({net.add(base, sum), kept, grown}));
}

Result<Graph> build(const ModelOptions& options) {
  PlaneNet net(options);
  Plane p = net.conv_norm_relu(net.input(), {.out = 64});
  for (const Stage& stage : kStages) {
    for (std::int64_t i = 0; i < kBlocks; ++i) p = block(net, p, stage, i == 0);
  }
  return net.classify(p);
}

}  // namespace

const ModelEntry& model_dpn26();
const ModelEntry& model_dpn26() {
  static const ModelEntry entry{
      "dpn26",
      "DPN26",
      "Dual paths, residual and dense, in one block (Chen et al. 2017, arXiv 1707.01629).",
      "channels x height x width",
      {3, 32, 32},
      {},
      build};
  return entry;
}

}  // namespace tenbin
