// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/image_window.h"

namespace tenbin::dnn {

kernels::ImageWindow image_window(const Shape& src, const Shape& dst, const AxisLists& lists) {
  kernels::ImageWindow w;
  const std::size_t x = src.size() - 3;  // the last axis of the window
  w.width = src.back();
  w.out_width = dst.back();
  w.kernel_width = lists.kernel[x];
  w.stride_x = lists.strides[x];
  w.dilation_x = lists.dilates[x] + 1;
  w.left = lists.begin[x];
  if (x == 0) return w;
  w.height = src[2];
  w.out_height = dst[2];
  w.kernel_height = lists.kernel[0];
  w.stride_y = lists.strides[0];
  w.dilation_y = lists.dilates[0] + 1;
  w.top = lists.begin[0];
  return w;
}

}  // namespace tenbin::dnn
