// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/conv_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/kernels/pool.h"
#include "engine/kernels/simd.h"
#include "engine/kernels/test_floats.h"

namespace tenbin::kernels {
namespace {

using Floats = std::vector<float>;

// Plain loops in the layouts of the contract, in double.
struct Plain {
  const ConvPool& s;
  const Floats &src, &weights, &bias;

  double pixel(std::int64_t i, std::int64_t c, std::int64_t y, std::int64_t x) const {
    y -= s.top;
    x -= s.left;
    if (y < 0 || x < 0 || y >= s.height || x >= s.width) return 0;
    return static_cast<double>(
        src[static_cast<std::size_t>(((i * s.in + c) * s.height + y) * s.width + x)]);
  }
  template <class F> void each_tap(std::int64_t o, F&& f) const {
    for (std::int64_t t = 0; t < s.taps(); ++t) {
      const std::int64_t c = t % s.in, x = t / s.in % s.kernel_width;
      f(c, t / s.in / s.kernel_width, x,
        static_cast<std::size_t>((o / 16 * s.taps() + t) * 16 + o % 16));
    }
  }
  double conv(std::int64_t i, std::int64_t o, std::int64_t y, std::int64_t x) const {
    double sum = bias.empty() ? 0 : static_cast<double>(bias[static_cast<std::size_t>(o)]);
    each_tap(o, [&](std::int64_t c, std::int64_t ky, std::int64_t kx, std::size_t w) {
      sum += pixel(i, c, y + ky, x + kx) * static_cast<double>(weights[w]);
    });
    return sum;
  }
};

// Three channels, 5x5, padding of unequal sides, an odd plane; five images for two threads.
const struct {
  const char* why;
  ConvPool shape;
  bool bias;
} kRows[] = {
    {"one channel, 3x3", {5, 1, 8, 8, 32, 3, 3, 1, 1, 1, 1}, true},
    {"three channels, 5x5, no padding", {9, 3, 9, 11, 16, 5, 5, 0, 0, 0, 0}, true},
    {"unequal padding, odd plane, no bias", {8, 2, 6, 7, 48, 3, 2, 1, 0, 0, 1}, false},
    {"channels last", {5, 1, 8, 8, 48, 3, 3, 1, 1, 1, 1, true}, true},
};

TEST(ConvPool, AgreesWithPlainLoopsForwardsAndBackwards) {
  if (!has_avx512()) GTEST_SKIP() << "this processor has no AVX-512";
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.why);
    const ConvPool& s = row.shape;
    ASSERT_TRUE(s.fits());
    const Floats src = normal(s.batch * s.in * s.height * s.width, 1);
    const Floats weights = normal(s.out * s.taps(), 2);
    const Floats bias = row.bias ? normal(s.out, 3) : Floats();
    const auto results = static_cast<std::size_t>(s.batch * s.out * s.rows() * s.columns());
    const Floats diff_dst = normal(static_cast<std::int64_t>(results), 4);
    Floats dst(results), workspace(static_cast<std::size_t>(s.workspace_floats()));
    Floats diff_weights(weights.size()), diff_bias(static_cast<std::size_t>(s.out));
    std::vector<std::uint8_t> places(results);
    const float* shift = row.bias ? bias.data() : nullptr;
    conv_pool(s, src.data(), weights.data(), shift, dst.data(), places.data());
    conv_pool_backward(s, src.data(), diff_dst.data(), places.data(), workspace.data(),
                       diff_weights.data(), diff_bias.data());
    const Plain plain{s, src, weights, bias};
    std::vector<double> wanted_weights(weights.size(), 0), wanted_bias(diff_bias.size(), 0);
    for (std::size_t n = 0; n < results; ++n) {
      const auto index = static_cast<std::int64_t>(n);
      const std::int64_t pixel = index / (s.channels_last ? s.out : 16);
      const std::int64_t x = pixel % s.columns(), y = pixel / s.columns() % s.rows();
      const std::int64_t plane = pixel / s.columns() / s.rows();
      const std::int64_t o =
          s.channels_last ? index % s.out : plane % (s.out / 16) * 16 + index % 16;
      const std::int64_t i = s.channels_last ? plane : plane / (s.out / 16);
      double best = plain.conv(i, o, 2 * y, 2 * x);
      for (std::int64_t k = 1; k < 4; ++k) {
        best = std::max(best, plain.conv(i, o, 2 * y + k / 2, 2 * x + k % 2));
      }
      EXPECT_NEAR(dst[n], std::max(best, 0.0), 1e-4) << n;
      if (places[n] == kNowhere) continue;
      const std::int64_t py = 2 * y + places[n] / 2, px = 2 * x + places[n] % 2;
      EXPECT_NEAR(plain.conv(i, o, py, px), best, 1e-4) << "the place is not of the maximum";
      const auto gradient = static_cast<double>(diff_dst[n]);
      plain.each_tap(o, [&](std::int64_t c, std::int64_t ky, std::int64_t kx, std::size_t w) {
        wanted_weights[w] += gradient * plain.pixel(i, c, py + ky, px + kx);
      });
      wanted_bias[static_cast<std::size_t>(o)] += gradient;
    }
    for (std::size_t w = 0; w < weights.size(); ++w) {
      EXPECT_NEAR(diff_weights[w], wanted_weights[w], 1e-3) << "weight " << w;
    }
    for (std::size_t o = 0; o < diff_bias.size(); ++o) {
      EXPECT_NEAR(diff_bias[o], wanted_bias[o], 1e-3) << "bias " << o;
    }
  }
}

TEST(ConvPool, RefusesWhatDoesNotStayInTheFirstCache) {
  const struct {
    const char* why;
    ConvPool shape;
    bool fits;
  } rows[] = {{"small", {1, 1, 28, 28, 32, 3, 3, 1, 1, 1, 1}, true},
              {"a large image", {1, 3, 224, 224, 32, 3, 3, 1, 1, 1, 1}, false},
              {"half a block of channels", {1, 1, 28, 28, 24, 3, 3, 1, 1, 1, 1}, false},
              {"a plane too small to halve", {1, 1, 3, 3, 16, 3, 3, 0, 0, 0, 0}, false}};
  for (const auto& row : rows) EXPECT_EQ(row.shape.fits(), row.fits) << row.why;
}

}  // namespace
}  // namespace tenbin::kernels
