// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tenbin::kernels {

// How a window goes over an image, or over a line as an image of one row. Padding below and right
// follows from the sizes.
struct ImageWindow {
  std::int64_t height = 1, width = 1, out_height = 1, out_width = 1;
  std::int64_t kernel_height = 1, kernel_width = 1, stride_y = 1, stride_x = 1;
  std::int64_t dilation_y = 1, dilation_x = 1;
  std::int64_t top = 0, left = 0;
};

}  // namespace tenbin::kernels
