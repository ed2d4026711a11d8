// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"

namespace tenbin {
namespace {

struct Row {
  std::int64_t out, stride;
};
constexpr Row kRows[] = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1},  {512, 2}, {512, 1},
                         {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};

Result<Graph> build(const ModelOptions& options) {
  PlaneNet net(options);
  Plane p = net.conv_norm_relu(net.input(), {.out = scaled_width(32, options.width)});
  for (const Row& row : kRows) {
    p = net.conv_norm_relu(p, {.out = p.channels, .stride = row.stride, .group = p.channels});
    p = net.conv_norm_relu(p, {.out = scaled_width(row.out, options.width), .kernel = 1});
  }
  return net.classify(p);
}

}  // namespace

const ModelEntry& model_mobilenet();
const ModelEntry& model_mobilenet() {
  static const ModelEntry entry{
      "mobilenet",
      "MobileNet",
      "Depthwise separable convolutions (Howard et al. 2017, arXiv 1704.04861), for small images.",
      "channels x height x width",
      {3, 32, 32},
      {"width"},
      build};
  return entry;
}

}  // namespace tenbin
