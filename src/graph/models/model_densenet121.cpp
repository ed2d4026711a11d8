// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"

namespace tenbin {
namespace {

constexpr std::int64_t kGrowth = 32;
constexpr std::int64_t kBlocks[] = {6, 12, 24, 16};

Result<Graph> build(const ModelOptions& options) {
  PlaneNet net(options);
  Plane p = net.conv(net.input(), {.out = 2 * kGrowth});
  for (const std::int64_t& layers : kBlocks) {
    for (std::int64_t i = 0; i < layers; ++i) {
      const Plane narrow = net.conv(net.norm_relu(p), {.out = 4 * kGrowth, .kernel = 1});
      const Plane grown = net.conv(net.norm_relu(narrow), {.out = kGrowth});
      p = net.concat({grown, p});
    }
    if (&layers == std::end(kBlocks) - 1) break;
    p = net.conv(net.norm_relu(p), {.out = p.channels / 2, .kernel = 1});
    p = net.average_pool(p, 2);
  }
  return net.classify(net.norm_relu(p));
}

}  // namespace

const ModelEntry& model_densenet121();
const ModelEntry& model_densenet121() {
  static const ModelEntry entry{
      "densenet121",
      "DenseNet121",
      "Layers that read all layers before them (Huang et al. 2017, arXiv 1608.06993).",
      "channels x height x width",
      {3, 32, 32},
      {},
      build};
  return entry;
}

}  // namespace tenbin
