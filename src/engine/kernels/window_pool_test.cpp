// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/window_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "engine/kernels/simd.h"
#include "engine/kernels/test_floats.h"

namespace tenbin::kernels {
namespace {

using Kind = WindowPool::Kind;

float plain_result(const WindowPool& p, const std::vector<float>& src, std::int64_t plane,
                   std::int64_t lane, std::int64_t oy, std::int64_t ox) {
  double sum = 0;
  float most = -std::numeric_limits<float>::infinity();
  int inside = 0;
  for (std::int64_t ky = 0; ky < p.kernel_height; ++ky) {
    for (std::int64_t kx = 0; kx < p.kernel_width; ++kx) {
      const std::int64_t y = oy * p.stride_y + ky * p.dilation_y - p.top;
      const std::int64_t x = ox * p.stride_x + kx * p.dilation_x - p.left;
      if (y < 0 || y >= p.height || x < 0 || x >= p.width) continue;
      const float value =
          src[static_cast<std::size_t>(((plane * p.height + y) * p.width + x) * 8 + lane)];
      most = std::max(most, value);
      sum += static_cast<double>(value);
      ++inside;
    }
  }
  if (p.kind == Kind::kMax) return most;
  const bool all = p.kind == Kind::kAverageWithPadding;
  return static_cast<float>(sum /
                            static_cast<double>(all ? p.kernel_height * p.kernel_width : inside));
}

TEST(WindowPool, AgreesWithPlainLoops) {
  if (!has_avx2()) GTEST_SKIP() << "this processor has no AVX2";
  const struct {
    const char* why;
    WindowPool pool;
  } rows[] = {
      {"windows that touch", {{6, 8, 3, 4, 2, 2, 2, 2, 1, 1, 0, 0}, Kind::kMax, 3}},
      {"windows that overlap, padded", {{5, 7, 5, 7, 3, 3, 1, 1, 1, 1, 1, 1}, Kind::kMax, 2}},
      {"other steps along each axis", {{9, 10, 3, 8, 3, 3, 3, 1, 1, 1, 0, 0}, Kind::kMax, 1}},
      {"dilated", {{9, 9, 7, 7, 3, 3, 1, 1, 2, 2, 1, 1}, Kind::kMax, 2}},
      {"average of what is there", {{5, 5, 3, 3, 3, 3, 2, 2, 1, 1, 1, 1}, Kind::kAverage, 2}},
      {"average with padding",
       {{5, 5, 3, 3, 3, 3, 2, 2, 1, 1, 1, 1}, Kind::kAverageWithPadding, 2}},
      {"the whole image", {{7, 7, 1, 1, 7, 7, 1, 1, 1, 1, 0, 0}, Kind::kAverage, 4}},
      {"a line", {{1, 20, 1, 10, 1, 2, 1, 2, 1, 1, 0, 0}, Kind::kMax, 2}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const WindowPool& p = row.pool;
    const auto src = normal(p.planes * p.height * p.width * 8, 1);
    std::vector<float> dst(static_cast<std::size_t>(p.planes * p.out_height * p.out_width * 8 + 1),
                           77);
    window_pool(p, src.data(), dst.data());
    EXPECT_EQ(dst.back(), 77);
    for (std::int64_t i = 0; i + 1 < static_cast<std::int64_t>(dst.size()); ++i) {
      const std::int64_t pixel = i / 8, plane = pixel / (p.out_height * p.out_width);
      const std::int64_t y = pixel / p.out_width % p.out_height, x = pixel % p.out_width;
      ASSERT_NEAR(dst[static_cast<std::size_t>(i)], plain_result(p, src, plane, i % 8, y, x), 1e-6);
    }
  }
}

}  // namespace
}  // namespace tenbin::kernels
