// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tenbin::kernels {

// Activations in planes of 16 channels, each [height, width, 16]: oneDNN's nChw16c. Windows of
// size x size that touch but do not overlap, without padding; rows and columns that fill no window
// are read by none. `planes` = batch * channels / 16.
struct Pool {
  std::int64_t planes = 0, height = 0, width = 0, size = 2;
  std::int64_t out_height() const { return height / size; }
  std::int64_t out_width() const { return width / size; }
};
// Where a maximum came from, one byte a result: its place in the window, or kNowhere where the
// ReLU cut it off.
inline constexpr std::uint8_t kNowhere = 255;

// All of these need AVX-512 (F, BW, VL, DQ): the caller asks the CPU first.
// dst = max of the window, and of 0 when `relu`. `places` may be null: nothing to be learned.
void max_pool(const Pool& pool, const float* src, float* dst, std::uint8_t* places, bool relu);
// diff_src = diff_dst at the place of the maximum, 0 elsewhere; writes all of diff_src.
void max_pool_backward(const Pool& pool, const float* diff_dst, const std::uint8_t* places,
                       float* diff_src);

}  // namespace tenbin::kernels
