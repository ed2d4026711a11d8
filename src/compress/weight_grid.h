// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "graph/graph.h"

namespace tenbin {

// Weights as signed 8-bit integers without offset, in steps of one scale for each output.
struct GridWeights {
  Tensor values;         // int8, the shape of the weights
  Tensor scales;         // float32 [outputs]
  std::size_t axis = 0;  // that counts outputs
};
// By the name of the initialiser: weights whose integers somebody has chosen.
using ChosenWeights = std::map<std::string, GridWeights>;

inline constexpr int kMostWeightStep = 127;

// The steps that just hold the largest weight of each output.
Tensor weight_scales(const Tensor& weights, std::size_t axis, int most = kMostWeightStep);
// Each weight on its nearest step.
GridWeights nearest_weights(const Tensor& weights, std::size_t axis, int most = kMostWeightStep);
// Each weight on its nearest step of given scales, within what 8 bits hold.
GridWeights steps_of(const Tensor& weights, std::size_t axis, Tensor scales);

// A bias as whole numbers (int32) of steps of the source times those of the weights.
struct GridBias {
  Tensor steps, units;
};
GridBias store_bias(const Tensor& bias, float src_scale, const Tensor& weight_scales);

// The floats that they stand for.
Tensor floats_of(const GridWeights& weights);

}  // namespace tenbin
