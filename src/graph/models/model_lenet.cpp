// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"

namespace tenbin {
namespace {

Result<Graph> build(const ModelOptions& options) {
  PlaneNet net(options);
  Plane p = net.input();
  for (const std::int64_t out : {6, 16}) {
    p = net.relu(net.conv(p, {.out = out, .kernel = 5, .bias = true, .pad = 0}));
    p = net.max_pool(p, 2, 2);
  }
  if (p.height < 1 || p.width < 1) {
    return Error(ErrorCode::kBadShape,
                 "the plane vanishes: input " + to_text(options.input) + " is too small");
  }
  const std::int64_t in = p.channels * p.height * p.width;
  const std::string hidden = net.dense_relu(net.dense_relu(net.flatten(p), in, 120), 120, 84);
  return net.classify(hidden, 84);
}

}  // namespace

const ModelEntry& model_lenet();
const ModelEntry& model_lenet() {
  static const ModelEntry entry{
      "lenet",
      "LeNet",
      "LeNet-5 with ReLU: two convolutions and three dense layers (LeCun et al. 1998).",
      "channels x height x width",
      {3, 32, 32},
      {},
      build};
  return entry;
}

}  // namespace tenbin
