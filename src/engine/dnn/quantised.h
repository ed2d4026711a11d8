// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/dnn/builder.h"

// 8-bit execution of models that say what lies on which grid (QuantizeLinear, DequantizeLinear):
// layers between two grids multiply integers, sum in int32 and requantise in the same pass. Only
// in plans that infer. Values on a grid lie channels last; whoever wants floats gets them.
namespace tenbin::dnn {

// Constants that the graph stores as integers on a grid without offset.
struct QuantisedConstant {
  Tensor values;              // int8
  std::vector<float> scales;  // one, or one for each index of `axis`
  std::int64_t axis = 0;
};

// Replaces every DequantizeLinear of constants (QuantizeLinear of floats before it too) by the
// floats it makes. Returns the integers of
// those that layers can multiply as they are, by the name of the value. Error kBadShape, kBadModel.
Result<QuantisedConstants> take_quantised_constants(Graph& graph);

// The grid and the element type that a QuantizeLinear writes or a DequantizeLinear reads; nothing
// when its scale is not one constant number.
struct GridType {
  Grid grid;
  dnnl::memory::data_type type = dnnl::memory::data_type::u8;
};
std::optional<GridType> grid_of(const Builder& b, const OpCall& node);

// What follows a layer, taken into its own pass: a ReLU or Clip at 0, then a QuantizeLinear.
struct Ending {
  std::string dst;  // the value that the pass ends in
  bool relu = false;
  std::optional<GridType> grid;  // none: floats leave
  std::vector<const OpCall*> nodes;
};
Ending find_ending(const Builder& b, const std::string& dst);

// Scales, post-ops and type of a layer whose sums are in steps of `src_scale` * weight scale.
struct Requantisation {
  dnnl::primitive_attr attributes;
  dnnl::memory::data_type type = dnnl::memory::data_type::f32;
};
Requantisation requantisation(const Ending& ending, float src_scale,
                              const std::vector<float>& weight_scales);
// Bias in those steps, less what the offset of the source adds to every sum; `axis` of the weights
// counts outputs.
std::vector<float> bias_in_steps(const Tensor* bias, float src_scale,
                                 const QuantisedConstant& weights, std::size_t axis,
                                 std::int32_t offset);

// Defines what a layer wrote; the nodes of its ending are done with it.
void define_ending(Builder& b, const Ending& ending, const Shape& shape, const Ref& dst);

// Takes a node on integers; false: nothing was emitted, it runs on floats.
Result<bool> lower_quantised(Builder& b, const OpCall& node);
Result<bool> lower_quantised_conv(Builder& b, const OpCall& node);
Result<bool> lower_quantised_dense(Builder& b, const OpCall& node);
Result<bool> lower_quantised_pool(Builder& b, const OpCall& node);
Result<bool> lower_quantised_add(Builder& b, const OpCall& node);

// Gives a value that lies on a grid only its floats.
Status dequantise(Builder& b, Builder::Value& value);

}  // namespace tenbin::dnn
