// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "base/options.h"
#include "base/result.h"
#include "compress/round_layers.h"

namespace tenbin {

struct AdaroundOptions {
  std::int64_t steps = 600;     // of the optimiser, a layer
  std::int64_t samples = 1024;  // of each layer's inputs
  double learning_rate = 0.02;
  double regularisation = 0.01;  // weight of the term that drives each weight up or down
  int most = kMostWeightStep;
  template <class Fields> static void describe(Fields& f) {
    f("steps", &AdaroundOptions::steps, "Optimiser steps that learn a layer's rounding [1..].");
    f("samples", &AdaroundOptions::samples, "Samples of each layer's inputs [1..].");
    f("learning_rate", &AdaroundOptions::learning_rate, "Learning rate of the rounding.");
    f("regularisation", &AdaroundOptions::regularisation,
      "Weight of the term that drives each weight to one of its two steps.");
    f("most", &AdaroundOptions::most, "Largest step of a weight: 127 is 8 bits, 7 is 4 [1..127].");
  }
};

// Learns for each weight whether it goes up or down to a step, so that the layer's outputs over
// `rows` change least (not the weights), layer by layer on the outputs of layers rounded before:
// a soft rounding by a stretched sigmoid, Adam, and a regulariser that hardens it. Never worse on
// its samples than the nearest steps: a layer where it would be keeps these. Errors: those of
// round_layers.
// Source: Nagel et al. 2020, Up or Down? Adaptive Rounding for Post-Training Quantization.
Result<ChosenWeights> learn_rounding(const Graph& graph, const Ranges& ranges, const Tensor& rows,
                                     const std::set<std::string>& in_floats = {},
                                     const AdaroundOptions& options = {},
                                     const StopQuestion& may_go_on = {});

}  // namespace tenbin
