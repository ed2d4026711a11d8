// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/direct_conv.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/kernels/simd.h"
#include "engine/kernels/test_floats.h"

namespace tenbin::kernels {
namespace {

struct Case {
  const char* why;
  DirectConvShape s;
};

// Where pixel p of channel c lies.
std::size_t at(const DirectConvShape& s, std::int64_t image, std::int64_t c, std::int64_t p) {
  const std::int64_t pixels = s.height * s.width;
  if (s.planes) return static_cast<std::size_t>((image * s.in + c) * pixels + p);
  const std::int64_t blocks = (s.in + 7) / 8;
  return static_cast<std::size_t>(((image * blocks + c / 8) * pixels + p) * 8 + c % 8);
}

double plain_sum(const DirectConvShape& s, const std::vector<float>& src,
                 const std::vector<float>& weights, std::int64_t image, std::int64_t o,
                 std::int64_t oy, std::int64_t ox) {
  const std::int64_t in = s.in / s.groups, first = o / (s.out / s.groups) * in;
  double sum = 0;
  for (std::int64_t i = 0; i < in; ++i) {
    for (std::int64_t ky = 0; ky < s.kernel_height; ++ky) {
      for (std::int64_t kx = 0; kx < s.kernel_width; ++kx) {
        const std::int64_t y = oy * s.stride_y + ky * s.dilation_y - s.top;
        const std::int64_t x = ox * s.stride_x + kx * s.dilation_x - s.left;
        if (y < 0 || y >= s.height || x < 0 || x >= s.width) continue;
        const auto w =
            static_cast<std::size_t>(((o * in + i) * s.kernel_height + ky) * s.kernel_width + kx);
        sum += static_cast<double>(src[at(s, image, first + i, y * s.width + x)]) *
               static_cast<double>(weights[w]);
      }
    }
  }
  return sum;
}

void compare(const DirectConvShape& s, bool relu) {
  const std::int64_t pixels = s.out_height * s.out_width, blocks = (s.out + 7) / 8;
  const std::int64_t channels = s.planes ? s.in : (s.in + 7) / 8 * 8;
  auto src = normal(s.batch * channels * s.height * s.width, 1);
  const auto weights = normal(s.out * s.in / s.groups * s.kernel_height * s.kernel_width, 2);
  const auto bias = normal(s.out, 3);
  const DirectConv conv(s, relu);
  const auto packed = conv.pack(weights, bias);
  std::vector<float> workspace(static_cast<std::size_t>(conv.workspace_floats() + 1), 77);
  std::vector<float> dst(static_cast<std::size_t>(s.batch * blocks * pixels * 8 + 1), 77);
  conv.run(src.data(), packed.data(), workspace.data(), dst.data());
  EXPECT_EQ(workspace.back(), 77);
  EXPECT_EQ(dst.back(), 77);
  double worst = 0;
  for (std::int64_t image = 0; image < s.batch; ++image) {
    for (std::int64_t o = 0; o < blocks * 8; ++o) {
      for (std::int64_t p = 0; p < pixels; ++p) {
        double sum = 0;  // channels behind the last are zero
        if (o < s.out) {
          sum = plain_sum(s, src, weights, image, o, p / s.out_width, p % s.out_width) +
                static_cast<double>(bias[static_cast<std::size_t>(o)]);
        }
        if (relu) sum = std::max(sum, 0.0);
        const auto to = ((image * blocks + o / 8) * pixels + p) * 8 + o % 8;
        worst = std::max(worst,
                         std::fabs(static_cast<double>(dst[static_cast<std::size_t>(to)]) - sum));
      }
    }
  }
  EXPECT_LT(worst, 2e-4);
}

DirectConvShape sized(std::int64_t batch, std::int64_t in, std::int64_t out, std::int64_t height,
                      std::int64_t width, std::int64_t kernel, std::int64_t stride,
                      std::int64_t pad, std::int64_t dilation = 1) {
  DirectConvShape s;
  s.batch = batch;
  s.in = in;
  s.out = out;
  s.height = height;
  s.width = width;
  s.kernel_height = s.kernel_width = kernel;
  s.stride_y = s.stride_x = stride;
  s.dilation_y = s.dilation_x = dilation;
  s.top = s.left = pad;
  s.out_height = (height + 2 * pad - (kernel - 1) * dilation - 1) / stride + 1;
  s.out_width = (width + 2 * pad - (kernel - 1) * dilation - 1) / stride + 1;
  return s;
}

TEST(DirectConv, AgreesWithPlainLoops) {
  if (!has_avx2()) GTEST_SKIP() << "this processor has no AVX2";
  std::vector<Case> cases = {
      {"one pixel", sized(3, 8, 8, 1, 1, 1, 1, 0)},
      {"1x1", sized(2, 16, 24, 5, 7, 1, 1, 0)},
      {"1x1 with stride", sized(2, 16, 32, 7, 6, 1, 2, 0)},
      {"3x3 with padding", sized(2, 24, 40, 9, 8, 3, 1, 1)},
      {"3x3 with stride", sized(2, 8, 16, 9, 8, 3, 2, 1)},
      {"3x3 dilated", sized(1, 8, 8, 11, 12, 3, 1, 2, 2)},
      {"channels that fill no block", sized(2, 12, 10, 6, 6, 3, 1, 1)},
      {"many images a time", sized(70, 8, 16, 4, 4, 3, 1, 1)},
      {"an image larger than the cache", sized(2, 64, 16, 40, 40, 3, 1, 1)},
      {"rows left over below", sized(1, 8, 8, 8, 8, 3, 3, 0)},
      {"more padding than image", sized(1, 8, 8, 2, 1, 5, 1, 3)},
  };
  DirectConvShape groups = sized(2, 32, 48, 6, 5, 3, 1, 1);
  groups.groups = 2;
  cases.push_back({"groups", groups});
  DirectConvShape planes = sized(2, 3, 24, 10, 9, 5, 2, 2);
  planes.planes = true;
  cases.push_back({"planes", planes});
  DirectConvShape line = sized(3, 16, 16, 1, 20, 1, 1, 0);
  line.kernel_width = 3;
  line.dilation_x = 4;
  line.left = 8;  // causal: none at the right
  cases.push_back({"a line with padding on one side", line});
  DirectConvShape below = sized(1, 8, 8, 6, 6, 2, 1, 0);
  below.out_height = below.out_width = 6;
  cases.push_back({"padding below and right alone", below});
  for (const Case& c : cases) {
    SCOPED_TRACE(c.why);
    compare(c.s, false);
    compare(c.s, true);
  }
}

}  // namespace
}  // namespace tenbin::kernels
