// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace tenbin {

// A Conv, Gemm or MatMul of an activation with constant weights of float32: what can multiply
// integers.
bool is_layer(const Graph& graph, const OpCall& node);

// The axis of a layer's weights that counts outputs. A stack of matrices has them last.
std::size_t output_axis(const OpCall& node, const Shape& weights);

// Weights as rows of outputs: element i belongs to output i / inner % outputs.
struct OutputView {
  std::size_t outputs = 1, inner = 1;
  std::size_t output(std::size_t i) const { return i / inner % outputs; }
};
OutputView outputs_of(const Shape& weights, std::size_t axis);

// The constant floats that node input `i` names, or null.
const Tensor* float_constant(const Graph& graph, const OpCall& node, std::size_t i);

// The node that alone reads `value`, or null: several do, or it leaves the graph.
const OpCall* only_reader(const Graph& graph, const std::string& value);
// How many nodes read it, outputs of the graph apart.
std::size_t count_readers(const Graph& graph, const std::string& value);

// Gives nodes without a name, and those with one that another has, a name of their own, so that
// they can be spoken of.
void name_nodes(Graph& graph);

}  // namespace tenbin
