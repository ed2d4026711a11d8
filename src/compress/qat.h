// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "compress/calibrate.h"
#include "graph/graph.h"

namespace tenbin {

// Quantisation-aware training: the network that TrainPlan trains so that it bears its grids. The
// same grids as insert_grids writes, but weights stay floats that are rounded on their way into a
// layer (QuantizeLinear, DequantizeLinear of the initialiser); forwards everything is rounded and
// cut, backwards gradients pass where nothing was cut. Scales are constants, of weights by their
// present range. Fold batch normalisation before. Errors: those of insert_grids.
// Source: Jacob et al. 2018, Quantization and Training of Neural Networks for Efficient
// Integer-Arithmetic-Only Inference; Bengio et al. 2013 on the straight-through estimator.
Result<Graph> fake_quantised(const Graph& float_network, const Ranges& ranges,
                             const std::set<std::string>& in_floats = {});

// What was trained, with weights and biases as integers: what insert_grids would have written. Its
// answers are those of the trained network but for the rounding of biases to int32.
// Error kBadModel: no weights are rounded in it.
Result<Graph> to_grids(const Graph& trained);

}  // namespace tenbin
