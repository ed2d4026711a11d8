// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/winograd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/kernels/simd.h"
#include "engine/kernels/test_floats.h"
#include "engine/kernels/winograd_tiles.h"

namespace tenbin::kernels {
namespace {

using Floats = std::vector<float>;

Floats room(std::int64_t count) { return Floats(static_cast<std::size_t>(count)); }

// Calls f(source element, weight element, result element) for each product of the convolution of
// [batch, channels / block, height, width, block].
template <class F> void each_product(const Winograd& s, std::int64_t block, F&& f) {
  const auto at = [block](std::int64_t channels, std::int64_t height, std::int64_t width,
                          std::int64_t image, std::int64_t c, std::int64_t y, std::int64_t x) {
    return static_cast<std::size_t>(
        (((image * channels / block + c / block) * height + y) * width + x) * block + c % block);
  };
  for (std::int64_t n = 0; n < s.batch; ++n) {
    for (std::int64_t o = 0; o < s.out; ++o) {
      for (std::int64_t i = 0; i < s.in; ++i) {
        for (std::int64_t p = 0; p < s.out_height() * s.out_width() * 9; ++p) {
          const std::int64_t oy = p / 9 / s.out_width(), ox = p / 9 % s.out_width();
          const std::int64_t y = oy - s.top + p % 9 / 3, x = ox - s.left + p % 3;
          if (y < 0 || x < 0 || y >= s.height || x >= s.width) continue;
          f(at(s.in, s.height, s.width, n, i, y, x),
            static_cast<std::size_t>((p % 9 * s.in + i) * s.out + o),
            at(s.out, s.out_height(), s.out_width(), n, o, oy, ox));
        }
      }
    }
  }
}

void expect_near(const Floats& found, const std::vector<double>& wanted, const char* what) {
  double size = 0;
  for (const double x : wanted) size += x * x;
  const double rms = std::sqrt(size / static_cast<double>(wanted.size()));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_NEAR(found[i], wanted[i], 5e-5 * rms) << what << " " << i;
  }
}

double value(float x) { return static_cast<double>(x); }

const struct {
  const char* why;
  Winograd shape;
} kRows[] = {
    {"whole tiles", {2, 16, 32, 8, 8}},
    {"tiles over the edge, several blocks", {9, 32, 48, 7, 14}},
    {"no padding", {1, 16, 16, 9, 6, 0, 0, 0, 0}},
    {"padding on two sides", {3, 16, 16, 5, 5, 0, 1, 1, 0}},
    {"one pixel", {1, 16, 16, 1, 1}},
};

TEST(Winograd, AgreesWithPlainLoopsForwardsAndBackwards) {
  if (!has_avx512()) GTEST_SKIP() << "this processor has no AVX-512";
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.why);
    const Winograd& s = row.shape;
    const Winograd back = s.backward();
    ASSERT_EQ(back.out_height(), s.height);
    const Floats src = normal(s.batch * s.in * s.height * s.width, 1);
    const Floats weights = normal(9 * s.in * s.out, 2), bias = normal(s.out, 3);
    const Floats diff_dst = normal(s.batch * s.out * s.out_height() * s.out_width(), 4);
    Floats packed = room(s.weight_floats()), packed_back = packed, turned = weights;
    Floats dst = diff_dst, diff_src = src, diff_weights = weights, diff_bias = bias;
    Floats work = room(
        std::max({s.workspace_floats(), back.workspace_floats(), s.gradient_workspace_floats()}));
    winograd_weights(s, weights.data(), packed.data());
    winograd_weights_backward(s, weights.data(), turned.data(), packed_back.data());
    winograd(s, src.data(), packed.data(), bias.data(), true, work.data(), dst.data());
    winograd(back, diff_dst.data(), packed_back.data(), nullptr, false, work.data(),
             diff_src.data());
    winograd_gradient(s, src.data(), diff_dst.data(), work.data(), diff_weights.data(),
                      diff_bias.data());
    std::vector<double> sums(dst.size(), 0), to_src(src.size(), 0), to_weights(weights.size(), 0);
    std::vector<double> to_bias(bias.size(), 0);
    each_product(s, 16, [&](std::size_t x, std::size_t w, std::size_t y) {
      sums[y] += value(src[x]) * value(weights[w]);
      to_src[x] += value(diff_dst[y]) * value(weights[w]);
      to_weights[w] += value(diff_dst[y]) * value(src[x]);
    });
    const auto pixels = static_cast<std::size_t>(s.out_height() * s.out_width() * 16);
    for (std::size_t y = 0; y < sums.size(); ++y) {
      const std::size_t o = y / pixels % (bias.size() / 16) * 16 + y % 16;
      sums[y] = std::max(sums[y] + value(bias[o]), 0.0);
      to_bias[o] += value(diff_dst[y]);
    }
    expect_near(dst, sums, "result");
    expect_near(diff_src, to_src, "source");
    expect_near(diff_weights, to_weights, "weight");
    expect_near(diff_bias, to_bias, "bias");
  }
}

TEST(Winograd, TilesAgreeWithPlainLoops) {
  if (!has_avx2()) GTEST_SKIP() << "this processor has no AVX2";
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.why);
    Winograd s = row.shape;
    s.out += 8;
    const Floats src = normal(s.batch * s.in * s.height * s.width, 1);
    const Floats weights = normal(9 * s.in * s.out, 2), bias = normal(s.out, 3);
    const std::int64_t results = s.batch * s.out * s.out_height() * s.out_width();
    const WinogradTiles tiles(s, true);
    const Floats packed = tiles.pack(weights.data());
    Floats work = room(tiles.workspace_floats()), dst = room(results);
    tiles.run(src.data(), packed.data(), bias.data(), work.data(), dst.data());
    std::vector<double> sums(dst.size(), 0);
    each_product(s, 8, [&](std::size_t x, std::size_t w, std::size_t y) {
      sums[y] += value(src[x]) * value(weights[w]);
    });
    const auto pixels = static_cast<std::size_t>(s.out_height() * s.out_width() * 8);
    for (std::size_t y = 0; y < sums.size(); ++y) {
      const std::size_t o = y / pixels % (bias.size() / 8) * 8 + y % 8;
      sums[y] = std::max(sums[y] + value(bias[o]), 0.0);
    }
    expect_near(dst, sums, "result");
  }
}

TEST(Winograd, IsNotTakenWhereItsWeightsCostMoreThanItSaves) {
  const struct {
    const char* why;
    Winograd shape;
    bool pays;
  } rows[] = {{"weights stay in the second cache", {1, 32, 64, 14, 14}, true},
              {"one tile reads 38 MB of weights", {1, 512, 512, 4, 4}, false},
              {"many tiles share them", {64, 512, 512, 4, 4}, true},
              {"tiles that are mostly edge", {64, 64, 64, 1, 1}, false}};
  for (const auto& row : rows) EXPECT_EQ(row.shape.pays(), row.pays) << row.why;
}

}  // namespace
}  // namespace tenbin::kernels
