// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace tenbin {

// Networks built from a compact description, float [batch, ...] -> logits or values
// [batch, outputs]. Weights start after He et al. 2015 (normal, variance 2 / fan-in), the last
// layer with variance 1 / fan-in; biases at 0. The same seed gives the same bits.

// One stage of convolutions 3x3 (padding 1), ReLU after each, then max-pooling 2x2.
struct CnnStage {
  std::int64_t channels = 32;
  int convolutions = 1;
};
struct CnnShape {
  std::vector<CnnStage> stages;
  std::int64_t dense = 128;   // width of the hidden dense layer; 0: none
  bool batch_norm = false;    // between convolution and ReLU
  double dropout = 0;         // before the last layer
  std::string name() const;   // "cnn 32-64, dense 128"
};
// Input [batch, channels, height, width].
Graph make_cnn(std::int64_t channels, std::int64_t height, std::int64_t width,
               std::int64_t outputs, const CnnShape& shape, std::uint64_t seed);

// Input [batch, features]; dense layers with ReLU, dropout after each hidden one if set.
Graph make_mlp(std::int64_t features, const std::vector<std::int64_t>& hidden,
               std::int64_t outputs, double dropout, std::uint64_t seed);

}  // namespace tenbin
