// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

// Dense layers with ReLU between: input "x" [batch, in] to output "logits" [batch, out], float32.
// `dropout`: share dropped after each hidden layer; 0 leaves the node out.
// Weights: normal with variance 2 / in of the layer (He et al. 2015), 1 / in for the last; biases
// zero. The same seed gives the same weights on every machine. Error kBadValue: a size below 1.
Result<Graph> make_mlp(std::int64_t in, const std::vector<std::int64_t>& hidden, std::int64_t out,
                       std::uint64_t seed, float dropout = 0);

// Convolutions of one size followed by a halving of the plane.
struct CnnStage {
  std::int64_t channels = 32;
  std::int64_t convolutions = 1;
  std::int64_t kernel = 3;
  bool pad = true;   // zeros around: the plane keeps its size (odd kernels)
  bool pool = true;  // MaxPool 2x2
};

// A plain CNN: stages, then dense layers, ReLU between.
struct CnnShape {
  std::vector<CnnStage> stages;
  std::vector<std::int64_t> dense;
  bool batch_norm = false;   // after each convolution, which then has no bias
  float stage_dropout = 0;   // after each stage
  float dense_dropout = 0;   // before each dense layer
  bool global_pool = false;  // average each plane to one value before the dense layers
};

// speed.md's net for 28x28: 421,642 parameters, 4.24 M MACs at one channel and ten classes.
CnnShape cnn_28();
// LeNet in the form of the energy study: 62,006 parameters, 651,720 MACs at 3x32x32.
CnnShape lenet();
// cnn_28's sizes with normalisation and dropout: trains to a higher accuracy.
CnnShape cnn_28_normalised();

// Input "x" [batch, channels, height, width] to output "logits" [batch, classes], float32.
// Initialised as make_mlp. Errors kBadValue, kBadShape (a plane that vanishes).
Result<Graph> make_cnn(std::int64_t channels, std::int64_t height, std::int64_t width,
                       std::int64_t classes, const CnnShape& shape, std::uint64_t seed);

}  // namespace tenbin
