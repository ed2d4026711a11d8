// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tenbin::kernels {

// Pooling by windows of any kind over planes of blocks of eight channels (oneDNN's nChw8c), without
// a memory of where a maximum came from. What lies outside the image is no maximum, and counts for
// an average if that includes the padding.
struct WindowPool {
  enum class Kind : std::uint8_t { kMax, kAverage, kAverageWithPadding };
  Kind kind = Kind::kMax;
  std::int64_t planes = 0;  // batch * blocks of channels
  std::int64_t height = 1, width = 1, out_height = 1, out_width = 1;
  std::int64_t kernel_height = 1, kernel_width = 1, stride_y = 1, stride_x = 1;
  std::int64_t dilation_y = 1, dilation_x = 1;
  std::int64_t top = 0, left = 0;
};
// Needs AVX2: the caller asks the CPU first.
void window_pool(const WindowPool& pool, const float* src, float* dst);

}  // namespace tenbin::kernels
