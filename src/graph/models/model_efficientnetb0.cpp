// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"

namespace tenbin {
namespace {

struct Row {
  std::int64_t expansion, out, blocks, kernel, stride;
};
constexpr Row kRows[] = {{1, 16, 1, 3, 1},  {6, 24, 2, 3, 2},  {6, 40, 2, 5, 2}, {6, 80, 3, 3, 2},
                         {6, 112, 3, 5, 1}, {6, 192, 4, 5, 2}, {6, 320, 1, 3, 1}};
constexpr float kDropout = 0.2f;

Plane block(PlaneNet& net, const Plane& src, std::int64_t out, const Row& row,
            std::int64_t stride) {
  const std::int64_t inner = row.expansion * src.channels;
  Plane p = src;
  if (row.expansion == 1) {
    // As its authors released it: there, and never run.
    (void)net.conv_norm(src, {.out = inner, .kernel = 1});
  } else {
    p = net.silu(net.conv_norm(src, {.out = inner, .kernel = 1}));
  }
  p = net.conv_norm(p, {.out = inner, .kernel = row.kernel, .stride = stride, .group = inner});
  p = net.excite(net.silu(p), src.channels / 4, true);
  p = net.conv_norm(p, {.out = out, .kernel = 1});
  return stride == 1 && out == src.channels ? net.add(p, src) : p;
}

Result<Graph> build(const ModelOptions& options) {
  PlaneNet net(options);
  Plane p = net.silu(net.conv_norm(net.input(), {.out = 32}));
  for (const Row& row : kRows) {
    for (std::int64_t i = 0; i < row.blocks; ++i) {
      p = block(net, p, row.out, row, i == 0 ? row.stride : 1);
    }
  }
  return net.classify(p, kDropout);
}

}  // namespace

const ModelEntry& model_efficientnetb0();
const ModelEntry& model_efficientnetb0() {
  static const ModelEntry entry{
      "efficientnetb0",
      "EfficientNetB0",
      "Inverted residuals with SiLU and excitation (Tan and Le 2019, arXiv 1905.11946).",
      "channels x height x width",
      {3, 32, 32},
      {},
      build};
  return entry;
}

}  // namespace tenbin
