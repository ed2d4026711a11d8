// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "base/options.h"
#include "base/result.h"
#include "compress/weight_grid.h"
#include "graph/graph.h"

namespace tenbin {

struct WeightOnlyOptions {
  int bits = 8;                      // 4 or 8
  std::int64_t group = 0;            // weights that share a scale; 0: all of an output
  std::int64_t least_weights = 256;  // smaller tensors stay floats
  template <class Fields> static void describe(Fields& f) {
    f("bits", &WeightOnlyOptions::bits, "Bits that a stored weight takes: 4 or 8.");
    f("group", &WeightOnlyOptions::group,
      "Neighbouring weights of an output that share a scale; 0: all of them [0..].");
    f("least_weights", &WeightOnlyOptions::least_weights,
      "Tensors of fewer weights stay floats [1..].");
  }
};

// The network with its weights stored as integers and multiplied as floats: smaller on disk, and
// on the wire; activations keep their floats. Weights of Conv, Gemm, MatMul, LSTM and GRU, and
// tables of Gather; nodes in `in_floats` keep theirs.
// Eight bits with a scale an output are a DequantizeLinear, which each run of a runtime may repeat.
// Four bits lie two a byte (operator set 17 has no such type) and groups are planes of their own;
// calls of constants (BitShift, Cast, Mul, Reshape) unpack them, which runtimes do once when they
// load the model. A group that does not divide the inputs of an output is the whole output.
// `chosen`: weights rounded elsewhere, within 127 or 7 steps, where the scale is an output's.
// Error kBadValue: other bits, a negative group, chosen weights beyond the steps of the bits.
Result<Graph> store_weights(const Graph& graph, const WeightOnlyOptions& options,
                            const std::set<std::string>& in_floats = {},
                            const ChosenWeights& chosen = {});

}  // namespace tenbin
