// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/dnn/builder.h"

namespace tenbin::dnn {

struct PoolWindow {
  dnnl::memory::dims kernel, strides, dilates, begin, end;
  Shape dst;
  dnnl::algorithm choice = dnnl::algorithm::pooling_max;
};

// Reads a pooling over [batch, channels, height, width] or [batch, channels, length]. Errors
// kUnsupportedOp, kBadShape.
Result<PoolWindow> pool_window(const OpCall& node, const Shape& src);

}  // namespace tenbin::dnn
