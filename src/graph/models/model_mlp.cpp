// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"
#include "graph/nets/nets.h"

namespace tenbin {
namespace {

constexpr std::int64_t kUnits = 128, kHidden = 2;

Result<Graph> build(const ModelOptions& options) {
  const auto hidden = static_cast<std::size_t>(options.depth == 0 ? kHidden : options.depth);
  return make_mlp(options.input[0],
                  std::vector<std::int64_t>(hidden, scaled_width(kUnits, options.width)),
                  options.classes, options.seed);
}

}  // namespace

const ModelEntry& model_mlp();
const ModelEntry& model_mlp() {
  static const ModelEntry entry{
      "mlp",
      "MLP",
      "Dense layers with ReLU between, two hidden ones of 128 units unless a depth is given.",
      "features",
      {16},
      {"width", "depth"},
      build};
  return entry;
}

}  // namespace tenbin
