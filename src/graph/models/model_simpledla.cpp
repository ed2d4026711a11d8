// SPDX-License-Identifier: Apache-2.0
#include "graph/models/blocks.h"

namespace tenbin {
namespace {

// Two subtrees, the right one over the left one's result, joined by a 1x1 convolution.
Plane tree(PlaneNet& net, const Plane& src, std::int64_t out, int levels, std::int64_t stride) {
  const auto child = [&](const Plane& from, std::int64_t step) {
    return levels == 1 ? basic_block(net, from, out, step) : tree(net, from, out, levels - 1, step);
  };
  const Plane left = child(src, stride);
  const Plane right = child(left, 1);
  return net.conv_norm_relu(net.concat({left, right}), {.out = out, .kernel = 1});
}

Result<Graph> build(const ModelOptions& options) {
  PlaneNet net(options);
  Plane p = net.input();
  for (const std::int64_t out : {16, 16, 32}) p = net.conv_norm_relu(p, {.out = out});
  p = tree(net, p, 64, 1, 1);
  p = tree(net, p, 128, 2, 2);
  p = tree(net, p, 256, 2, 2);
  return net.classify(tree(net, p, 512, 1, 2));
}

}  // namespace

const ModelEntry& model_simpledla();
const ModelEntry& model_simpledla() {
  static const ModelEntry entry{
      "simpledla",
      "SimpleDLA",
      "Deep layer aggregation in trees (Yu et al. 2018, arXiv 1707.06484), without its long links.",
      "channels x height x width",
      {3, 32, 32},
      {},
      build};
  return entry;
}

}  // namespace tenbin
