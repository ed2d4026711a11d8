// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "engine/kernels/image_window.h"
#include "tensor/tensor.h"

namespace tenbin::dnn {

// The window of a convolution or pooling over [batch, channels, height, width] or [batch, channels,
// length]; one entry of each list an axis. `dilates`: 0 is dense, as oneDNN counts.
struct AxisLists {
  const dnnl::memory::dims &kernel, &strides, &dilates, &begin;
};
kernels::ImageWindow image_window(const Shape& src, const Shape& dst, const AxisLists& lists);

}  // namespace tenbin::dnn
