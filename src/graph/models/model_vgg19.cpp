// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"

namespace tenbin {
namespace {

struct Stage {
  std::int64_t out, convolutions;
};
constexpr Stage kStages[] = {{64, 2}, {128, 2}, {256, 4}, {512, 4}, {512, 4}};

Result<Graph> build(const ModelOptions& options) {
  PlaneNet net(options);
  Plane p = net.input();
  for (const Stage& stage : kStages) {
    for (std::int64_t i = 0; i < stage.convolutions; ++i) {
      p = net.conv_norm_relu(p, {.out = stage.out, .bias = true});
    }
    p = net.max_pool(p, 2, 2);
  }
  return net.classify(p);
}

}  // namespace

const ModelEntry& model_vgg19();
const ModelEntry& model_vgg19() {
  static const ModelEntry entry{
      "vgg19",
      "VGG19",
      "Sixteen 3x3 convolutions with normalisation (Simonyan and Zisserman 2015, arXiv 1409.1556).",
      "channels x height x width",
      {3, 32, 32},
      {},
      build};
  return entry;
}

}  // namespace tenbin
