// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/kernels/fake_quantise.h"
#include "graph/graph.h"

namespace tenbin::dnn {

// The grid that learned weights are rounded to on their way into layers, while the floats behind
// them are trained.
struct FakeGrid {
  std::vector<float> scales;  // one, or one for each index of `axis`
  std::size_t axis = 0;
  kernels::GridReach reach;
};
using FakeGrids = std::map<std::string, FakeGrid>;  // by initialiser

// Takes QuantizeLinear and DequantizeLinear of constant floats out of the graph: who read their
// result reads the floats. Returns their grids. Errors kUnsupportedOp: the integers are read
// otherwise, or two grids lie on one constant; kBadShape.
Result<FakeGrids> take_fake_grids(Graph& graph);

// A scale for each element of a constant of this shape, as it lies in the graph.
std::vector<float> scale_of_elements(const FakeGrid& grid, const Shape& shape);

}  // namespace tenbin::dnn
