// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graph/schema.h"

namespace tenbin {

// Spatial sizes after a window (convolution or pooling) of `kernel` has moved over `spatial`, by
// the attributes strides, dilations, pads, auto_pad and ceil_mode of the call (ONNX Conv, MaxPool).
// -1 stays -1. Error kBadShape: attributes of another rank, or a window larger than its input.
Result<Shape> window_shape(const InferCall& call, std::span<const std::int64_t> spatial,
                           std::span<const std::int64_t> kernel);

// An attribute with one value for each of `rank` spatial axes, `fallback` when absent.
// Error kBadShape: other length, or a value outside [least, 2^31].
Result<std::vector<std::int64_t>> window_attribute(const InferCall& call, const char* name,
                                                   std::size_t rank, std::int64_t fallback,
                                                   std::int64_t least);

}  // namespace tenbin
