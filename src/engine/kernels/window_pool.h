// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/kernels/image_window.h"

namespace tenbin::kernels {

// Pooling by windows of any kind over planes of blocks of eight channels (oneDNN's nChw8c), without
// a memory of where a maximum came from. What lies outside the image is no maximum, and counts for
// an average if that includes the padding.
struct WindowPool : ImageWindow {
  enum class Kind : std::uint8_t { kMax, kAverage, kAverageWithPadding };
  Kind kind = Kind::kMax;
  std::int64_t planes = 0;  // batch * blocks of channels
};
// Needs AVX2: the caller asks the CPU first.
void window_pool(const WindowPool& pool, const float* src, float* dst);

}  // namespace tenbin::kernels
