// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/tile_gemm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/kernels/simd.h"
#include "engine/kernels/test_floats.h"

namespace tenbin::kernels {
namespace {

std::vector<std::int64_t> counted(std::int64_t count, std::int64_t first, std::int64_t step) {
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(first + i * step);
  return out;
}

// Rows side by side, as a dense layer has them; the answers of plain loops in double precision.
TEST(TileGemm, AgreesWithPlainLoops) {
  if (!has_avx2()) GTEST_SKIP() << "this processor has no AVX2";
  for (const std::int64_t rows : {1, 2, 3, 4, 5, 6, 7, 13, 20}) {
    for (const std::int64_t out : {1, 8, 10, 16, 20, 24, 31, 32, 40, 50, 64, 72, 131}) {
      for (const std::int64_t in : {1, 7, 8, 29}) {
        const std::int64_t seed = rows * 1000 + out * 10 + in;
        TileGemm g;
        g.out = out;
        g.eights = counted(in / 8, 0, 8);
        g.ones = counted(in % 8, in / 8 * 8, 1);
        g.relu = seed % 2 == 0;
        g.adds = seed % 3 == 0;
        const auto src = normal(rows * in, 1), weights = normal(in * out, 2), bias = normal(out, 3);
        std::vector<float> packed(static_cast<std::size_t>(g.packed_floats()));
        pack_tile_weights(g, weights, in, 1, bias, packed);
        const auto src_at = counted(rows, 0, in), dst_at = counted(rows, 0, out);
        // One more than there is, to see that nothing is written behind the end.
        std::vector<float> dst(static_cast<std::size_t>(rows * out + 1), 0.5F);
        tile_gemm(g, src.data(), src_at.data(), dst.data(), dst_at.data(), rows, packed.data());
        EXPECT_EQ(dst.back(), 0.5F);
        double worst = 0;
        for (std::int64_t r = 0; r < rows; ++r) {
          for (std::int64_t o = 0; o < out; ++o) {
            double sum = static_cast<double>(bias[static_cast<std::size_t>(o)]);
            if (g.adds) sum += 0.5;
            for (std::int64_t i = 0; i < in; ++i) {
              sum += static_cast<double>(src[static_cast<std::size_t>(r * in + i)]) *
                     static_cast<double>(weights[static_cast<std::size_t>(o * in + i)]);
            }
            if (g.relu) sum = std::max(sum, 0.0);
            const auto is = static_cast<double>(dst[static_cast<std::size_t>(r * out + o)]);
            worst = std::max(worst, std::fabs(is - sum));
          }
        }
        EXPECT_LT(worst, 1e-4) << rows << " rows, " << in << " to " << out;
      }
    }
  }
}

TEST(TileGemm, TakesWeightsInAnyOrderAndResultsInBlocks) {
  if (!has_avx2()) GTEST_SKIP() << "this processor has no AVX2";
  constexpr std::int64_t kRows = 7, kIn = 8, kOut = 12;
  TileGemm g;
  g.out = kOut;
  g.block_step = 8 * kRows;
  g.eights = {0};
  g.whole_blocks = true;
  const auto src = normal(kRows * kIn, 1), weights = normal(kIn * kOut, 2);
  std::vector<float> packed(static_cast<std::size_t>(g.packed_floats()));
  pack_tile_weights(g, weights, 1, kOut, {}, packed);  // [in, out]
  std::vector<float> dst(16 * kRows, 77);
  const auto src_at = counted(kRows, 0, kIn), dst_at = counted(kRows, 0, 8);
  tile_gemm(g, src.data(), src_at.data(), dst.data(), dst_at.data(), kRows, packed.data());
  for (std::int64_t r = 0; r < kRows; ++r) {
    for (std::int64_t o = 0; o < 16; ++o) {
      float sum = 0;
      for (std::int64_t i = 0; o < kOut && i < kIn; ++i) {
        sum += src[static_cast<std::size_t>(r * kIn + i)] *
               weights[static_cast<std::size_t>(i * kOut + o)];
      }
      EXPECT_NEAR(dst[static_cast<std::size_t>((o / 8 * kRows + r) * 8 + o % 8)], sum, 1e-5);
    }
  }
}

TEST(TileGemm, AReluLetsNaNThrough) {
  if (!has_avx2()) GTEST_SKIP() << "this processor has no AVX2";
  TileGemm g;
  g.out = 8;
  g.ones = {0};
  g.relu = true;
  const std::vector<float> weights(8, 1.0F), src = {std::nanf("")};
  std::vector<float> packed(static_cast<std::size_t>(g.packed_floats())), dst(8, 0.0F);
  pack_tile_weights(g, weights, 1, 1, {}, packed);
  const std::int64_t at = 0;
  tile_gemm(g, src.data(), &at, dst.data(), &at, 1, packed.data());
  for (const float x : dst) EXPECT_TRUE(std::isnan(x));
}

}  // namespace
}  // namespace tenbin::kernels
