// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/depthwise.h"

#include <gtest/gtest.h>

#include "engine/kernels/test_floats.h"

namespace tenbin::kernels {
namespace {

TEST(Depthwise, GradientOfTheWeightsFollowsTheDefinition) {
  const struct {
    const char* why;
    Depthwise shape;
  } rows[] = {
      {"5x5 over a plane of 2x2", {3, 2, 2, 2, 2, 2, 5, 5, 1, 1, 2, 2}},
      {"5x5 over 4x4", {2, 3, 4, 4, 4, 4, 5, 5, 1, 1, 2, 2}},
      {"5x5, stride 2", {2, 1, 4, 4, 2, 2, 5, 5, 2, 2, 2, 2}},
      {"3x3, no padding, other strides", {1, 2, 7, 6, 3, 4, 3, 3, 2, 1, 0, 0}},
      {"a row that is all padding", {1, 1, 1, 3, 1, 3, 3, 3, 1, 1, 1, 1}},
  };
  for (const auto& row : rows) {
    const Depthwise& s = row.shape;
    const auto src = normal(s.batch * s.blocks * s.height * s.width * 16, 1);
    const auto diff = normal(s.batch * s.blocks * s.out_height * s.out_width * 16, 2);
    const std::int64_t taps = s.kernel_height * s.kernel_width;
    std::vector<float> found(static_cast<std::size_t>(s.blocks * taps * 16), 7.0F);
    depthwise_gradient(s, src.data(), diff.data(), found.data());
    for (std::int64_t at = 0; at < s.blocks * taps * 16; ++at) {
      const std::int64_t lane = at % 16, tap = at / 16 % taps, block = at / 16 / taps;
      double want = 0;
      for (std::int64_t i = 0; i < s.batch * s.out_height * s.out_width; ++i) {
        const std::int64_t n = i / (s.out_height * s.out_width);
        const std::int64_t oy = i / s.out_width % s.out_height, ox = i % s.out_width;
        const std::int64_t y = oy * s.stride_y - s.top + tap / s.kernel_width;
        const std::int64_t x = ox * s.stride_x - s.left + tap % s.kernel_width;
        if (y < 0 || x < 0 || y >= s.height || x >= s.width) continue;
        const std::int64_t plane = n * s.blocks + block;
        const auto from =
            static_cast<std::size_t>(((plane * s.height + y) * s.width + x) * 16 + lane);
        const auto to =
            static_cast<std::size_t>(((plane * s.out_height + oy) * s.out_width + ox) * 16 + lane);
        want += static_cast<double>(src[from]) * static_cast<double>(diff[to]);
      }
      EXPECT_NEAR(found[static_cast<std::size_t>(at)], want, 1e-4) << row.why << " [" << at << "]";
    }
  }
}

}  // namespace
}  // namespace tenbin::kernels
