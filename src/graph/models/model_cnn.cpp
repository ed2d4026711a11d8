// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"
#include "graph/nets/nets.h"

namespace tenbin {
namespace {

Result<Graph> build(const ModelOptions& options) {
  CnnShape shape = cnn_28_normalised();
  for (CnnStage& stage : shape.stages) {
    stage.channels = scaled_width(stage.channels, options.width);
  }
  for (std::int64_t& units : shape.dense) units = scaled_width(units, options.width);
  return make_cnn(options.input[0], options.input[1], options.input[2], options.classes, shape,
                  options.seed);
}

}  // namespace

const ModelEntry& model_cnn();
const ModelEntry& model_cnn() {
  static const ModelEntry entry{"cnn",
                                "CNN",
                                "Small convolutional network: stages of convolution, norm, ReLU "
                                "and pooling, two dense layers.",
                                "channels x height x width",
                                {1, 28, 28},
                                {"width"},
                                build};
  return entry;
}

}  // namespace tenbin
