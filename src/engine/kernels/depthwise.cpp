// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/depthwise.h"

#include <algorithm>

#include "engine/kernels/simd.h"

namespace tenbin::kernels {
namespace {

constexpr std::int64_t kLanes = 16;

// Results [first, last) along an axis that read inside the source at a tap.
struct Reach {
  std::int64_t first, last;
};
Reach reach_of(std::int64_t size, std::int64_t results, std::int64_t stride, std::int64_t offset) {
  const std::int64_t first = offset < 0 ? (-offset + stride - 1) / stride : 0;
  const std::int64_t room = size - 1 - offset;
  return {first, room < 0 ? 0 : std::min(results, room / stride + 1)};
}

}  // namespace

TENBIN_SIMD void depthwise_gradient(const Depthwise& s, const float* src, const float* diff_dst,
                                    float* diff_weights) {
  const std::int64_t in_plane = s.height * s.width * kLanes;
  const std::int64_t out_plane = s.out_height * s.out_width * kLanes;
  const std::int64_t taps = s.kernel_height * s.kernel_width;
  for (std::int64_t tap = 0; tap < s.blocks * taps; ++tap) {
    const std::int64_t block = tap / taps;
    const std::int64_t dy = tap % taps / s.kernel_width - s.top;
    const std::int64_t dx = tap % s.kernel_width - s.left;
    const Reach rows = reach_of(s.height, s.out_height, s.stride_y, dy);
    const Reach columns = reach_of(s.width, s.out_width, s.stride_x, dx);
    float sum[kLanes] = {};
    for (std::int64_t n = 0; n < s.batch; ++n) {
      const float* in = src + (n * s.blocks + block) * in_plane;
      const float* out = diff_dst + (n * s.blocks + block) * out_plane;
      for (std::int64_t y = rows.first; y < rows.last; ++y) {
        const float* x_row = in + ((y * s.stride_y + dy) * s.width + dx) * kLanes;
        const float* g_row = out + y * s.out_width * kLanes;
        for (std::int64_t x = columns.first; x < columns.last; ++x) {
          const float *from = x_row + x * s.stride_x * kLanes, *g = g_row + x * kLanes;
          for (std::int64_t l = 0; l < kLanes; ++l) sum[l] += from[l] * g[l];
        }
      }
    }
    std::copy_n(sum, kLanes, diff_weights + tap * kLanes);
  }
}

}  // namespace tenbin::kernels
