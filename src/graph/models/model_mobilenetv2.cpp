// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"

namespace tenbin {
namespace {

struct Row {
  std::int64_t expansion, out, blocks, stride;
};
constexpr Row kRows[] = {{1, 16, 1, 1}, {6, 24, 2, 1},  {6, 32, 3, 2}, {6, 64, 4, 2},
                         {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};

Plane block(PlaneNet& net, const Plane& src, std::int64_t out, std::int64_t expansion,
            std::int64_t stride) {
  const std::int64_t inner = expansion * src.channels;
  Plane p = net.conv_norm_relu(src, {.out = inner, .kernel = 1});
  p = net.conv_norm_relu(p, {.out = inner, .stride = stride, .group = inner});
  p = net.conv_norm(p, {.out = out, .kernel = 1});
  return stride == 1 ? net.add(p, net.shortcut(src, out, 1)) : p;
}

Result<Graph> build(const ModelOptions& options) {
  PlaneNet net(options);
  Plane p = net.conv_norm_relu(net.input(), {.out = scaled_width(32, options.width)});
  for (const Row& row : kRows) {
    const std::int64_t out = scaled_width(row.out, options.width);
    for (std::int64_t i = 0; i < row.blocks; ++i) {
      p = block(net, p, out, row.expansion, i == 0 ? row.stride : 1);
    }
  }
  return net.classify(
      net.conv_norm_relu(p, {.out = scaled_width(1280, options.width), .kernel = 1}));
}

}  // namespace

const ModelEntry& model_mobilenetv2();
const ModelEntry& model_mobilenetv2() {
  static const ModelEntry entry{
      "mobilenetv2",
      "MobileNetV2",
      "Inverted residuals with linear bottlenecks (Sandler et al. 2018, arXiv 1801.04381).",
      "channels x height x width",
      {3, 32, 32},
      {"width"},
      build};
  return entry;
}

}  // namespace tenbin
