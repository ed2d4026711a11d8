// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

// A layer as products of matrices: for each group [samples, inputs] * [inputs, outputs]. A
// convolution multiplies the patches under its kernel; groups are its own, else one.
struct LayerMatrix {
  std::size_t groups = 1, inputs = 1, outputs = 1;  // of one group
  bool outputs_first = true;                        // how the weights lie
  // Where element [input, output] of a group lies in the layer's weights.
  std::size_t weight(std::size_t group, std::size_t input, std::size_t output) const {
    return outputs_first ? (group * outputs + output) * inputs + input : input * outputs + output;
  }
};
// Of a layer (is_layer) whose weights are not a stack of matrices.
LayerMatrix matrix_of(const OpCall& layer, const Shape& weights);

// What a layer multiplies, when its source is `value` of `graph` run over `rows`: at most `most`
// samples, evenly from all rows and places, fewer where they would take more than 64 MB. The same
// places for the same shapes. [groups, samples, inputs]. Errors: those of observe; kBadShape.
Result<std::vector<float>> sample_inputs(const Graph& graph, const std::string& value,
                                         const OpCall& layer, const Shape& weights,
                                         const Tensor& rows, std::int64_t most);

}  // namespace tenbin
