// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/stop_question.h"
#include "compress/calibrate.h"
#include "compress/weight_grid.h"
#include "graph/graph.h"

namespace tenbin {

// The weights of one layer (of one group of a convolution) to be put on whole steps, so that
// inputs_on_grid * steps comes near inputs * weights.
struct RoundingProblem {
  std::size_t samples = 0, inputs = 0, outputs = 0;
  std::span<const float> wanted_inputs;   // [samples, inputs], as the float network has them
  std::span<const float> inputs_on_grid;  // the same samples behind layers rounded before
  std::span<const float> weights;         // [inputs, outputs], in steps of their output's scale
  int most = kMostWeightStep;             // the largest step
};
// Writes whole numbers in [-most, most] to `steps` [inputs, outputs]. Its error ends it all.
using Rounder = std::function<Status(const RoundingProblem&, std::span<float> steps)>;

struct RoundingOptions {
  std::int64_t samples = 1024;  // of each layer's inputs
  int most = kMostWeightStep;   // the largest step of a weight: 127 is 8 bits, 7 is 4
};

// Rounds the weights of each layer that insert_grids takes, in order, on what the layers rounded
// before make of `rows`. Weights that several nodes read are left to the nearest step. `chosen`
// tells insert_grids what came out. `may_go_on` is asked before each layer. Errors: its own, those
// of the rounder, of insert_grids and observe.
Result<ChosenWeights> round_layers(const Graph& graph, const Ranges& ranges, const Tensor& rows,
                                   const std::set<std::string>& in_floats,
                                   const RoundingOptions& options, const Rounder& rounder,
                                   const StopQuestion& may_go_on = {});

}  // namespace tenbin
