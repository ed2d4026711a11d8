// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tenbin::kernels {

// How activations [batch, channels, height, width] lie, in groups of 16 channels: each group a
// plane of its own (oneDNN's nChw16c), or the groups of a pixel side by side (nhwc, channels a
// multiple of 16). Strides count elements.
struct Groups {
  std::int64_t count = 1;  // of a pixel: channels / 16
  bool channels_last = false;

  std::int64_t pixel() const { return channels_last ? 16 * count : 16; }
  std::int64_t group(std::int64_t pixels) const { return channels_last ? 16 : 16 * pixels; }
  std::int64_t image(std::int64_t pixels) const { return 16 * count * pixels; }
};

// Windows of size x size that touch but do not overlap, without padding; rows and columns that fill
// no window are read by none.
struct Pool {
  std::int64_t batch = 0;
  Groups groups;
  std::int64_t height = 0, width = 0, size = 2;
  std::int64_t out_height() const { return height / size; }
  std::int64_t out_width() const { return width / size; }
};
// Where a maximum came from, one byte a result: its place in the window, or kNowhere where the
// ReLU cut it off.
inline constexpr std::uint8_t kNowhere = 255;

// All of these need AVX-512 (F, BW, VL, DQ): the caller asks the CPU first.
// dst = max of the window, and of 0 when `relu`. `places` may be null: nothing to be learned.
// T: float or Bfloat16.
template <class T>
void max_pool(const Pool& pool, const T* src, T* dst, std::uint8_t* places, bool relu);
// diff_src = diff_dst at the place of the maximum, 0 elsewhere; writes all of diff_src.
template <class T>
void max_pool_backward(const Pool& pool, const T* diff_dst, const std::uint8_t* places,
                       T* diff_src);

}  // namespace tenbin::kernels
