// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "graph/graph.h"

namespace tenbin {

// What one row (batch 1) of a graph costs. Convention of energy.md: MACs of convolution and matrix
// products only, without bias; parameters are floating-point initialisers that training adjusts
// (weights, biases, scales, shifts, tables; running statistics are buffers, not parameters). Of
// nodes that no output needs the parameters count, the MACs do not.
struct NodeCount {
  std::string node, op;
  Macs macs;
  std::int64_t parameters = 0;
  Bytes activations;  // of its outputs
};
struct GraphCounts {
  Macs macs;
  std::int64_t parameters = 0;
  Bytes parameter_bytes;
  // Running statistics, and 8 bytes a batch normalisation for the step counter that PyTorch keeps:
  // so sizes compare.
  Bytes buffer_bytes;
  Bytes activations;       // sum over nodes
  Bytes peak_activations;  // largest sum of values alive at once
  std::vector<NodeCount> nodes;
  double macs_per_parameter() const {
    return parameters == 0 ? 0 : static_cast<double>(macs.count) / static_cast<double>(parameters);
  }
};
// Needs inferable shapes; binds a free batch dimension to 1 on a copy.
Result<GraphCounts> count(const Graph& graph);

}  // namespace tenbin
