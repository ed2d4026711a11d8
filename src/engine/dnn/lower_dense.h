// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/dnn/builder.h"

namespace tenbin::dnn {

// A dense layer by the names of its values; leading dimensions count as rows.
struct DenseShape {
  std::string src, weights, bias, dst;  // bias may be empty
  std::int64_t rows = 0, in = 0, out = 0;
  Shape src_shape, dst_shape;
  Desc plain_weights;  // logical [out, in] over the graph's own order
};

// Reads a Gemm or MatMul of [rows, in] and constant weights, with the Add of a constant vector that
// alone follows a MatMul as its bias (taken). Errors kUnsupportedOp, kBadShape.
Result<DenseShape> dense_shape(Builder& b, const OpCall& node);

// Whether a layer is so small that our own products are faster in training.
bool is_small(const Builder& b, const DenseShape& d);
Status lower_small_dense(Builder& b, const DenseShape& d, bool relu);

}  // namespace tenbin::dnn
