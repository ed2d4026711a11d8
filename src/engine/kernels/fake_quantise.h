// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// Training with 8-bit grids: forwards a float becomes the one that its grid has in its place,
// backwards a gradient passes where the grid reaches, as if nothing were rounded (Bengio et al.
// 2013, straight-through; Jacob et al. 2018). Buffers may be the same, else they do not overlap.
namespace tenbin::kernels {

// The whole numbers that a grid has; real = (whole - zero) * scale.
struct GridReach {
  float zero = 0, least = -128, most = 127;
};

void round_to_grid(float* dst, const float* src, std::int64_t count, float scale,
                   const GridReach& grid);
// diff_src = diff_dst where src is within reach, else 0.
void pass_in_reach(float* diff_src, const float* diff_dst, const float* src, std::int64_t count,
                   float scale, const GridReach& grid);

// The same with a scale an element; where it is 0 (padding of a layout) the results are.
void round_to_grids(float* dst, const float* src, const float* scales, std::int64_t count,
                    const GridReach& grid);
void pass_in_reach(float* diff_src, const float* diff_dst, const float* src, const float* scales,
                   std::int64_t count, const GridReach& grid);

}  // namespace tenbin::kernels
