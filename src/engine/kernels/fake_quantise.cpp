// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/fake_quantise.h"

#include <algorithm>
#include <cmath>

#include "engine/kernels/simd.h"

namespace tenbin::kernels {

TENBIN_SIMD void round_to_grid(float* dst, const float* src, std::int64_t count, float scale,
                               const GridReach& grid) {
  const float zero = grid.zero, least = grid.least, most = grid.most;
  for (std::int64_t i = 0; i < count; ++i) {
    const float whole = std::nearbyint(src[i] / scale) + zero;
    dst[i] = (std::min(most, std::max(least, whole)) - zero) * scale;
  }
}

TENBIN_SIMD void pass_in_reach(float* diff_src, const float* diff_dst, const float* src,
                               std::int64_t count, float scale, const GridReach& grid) {
  const float zero = grid.zero, least = grid.least, most = grid.most;
  for (std::int64_t i = 0; i < count; ++i) {
    const float whole = std::nearbyint(src[i] / scale) + zero;
    diff_src[i] = whole >= least && whole <= most ? diff_dst[i] : 0.0F;
  }
}

TENBIN_SIMD void round_to_grids(float* dst, const float* src, const float* scales,
                                std::int64_t count, const GridReach& grid) {
  const float zero = grid.zero, least = grid.least, most = grid.most;
  for (std::int64_t i = 0; i < count; ++i) {
    const float scale = scales[i] > 0 ? scales[i] : 1.0F;
    const float whole = std::nearbyint(src[i] / scale) + zero;
    dst[i] = (std::min(most, std::max(least, whole)) - zero) * scales[i];
  }
}

TENBIN_SIMD void pass_in_reach(float* diff_src, const float* diff_dst, const float* src,
                               const float* scales, std::int64_t count, const GridReach& grid) {
  const float zero = grid.zero, least = grid.least, most = grid.most;
  for (std::int64_t i = 0; i < count; ++i) {
    const float scale = scales[i] > 0 ? scales[i] : 1.0F;
    const float whole = std::nearbyint(src[i] / scale) + zero;
    diff_src[i] = scales[i] > 0 && whole >= least && whole <= most ? diff_dst[i] : 0.0F;
  }
}

}  // namespace tenbin::kernels
