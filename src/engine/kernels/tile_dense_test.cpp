// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/tile_dense.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/kernels/simd.h"
#include "engine/kernels/test_floats.h"

namespace tenbin::kernels {
namespace {

TEST(TileDense, AgreesWithPlainLoops) {
  if (!has_avx2()) GTEST_SKIP() << "this processor has no AVX2";
  const struct {
    const char* why;
    TileDense::Size size;
    bool relu, adds, transposed;
  } rows[] = {
      {"one row", {1, 20, 64}, true, false, false},
      {"one input", {5, 1, 3}, false, false, true},
      {"rows of several bands", {700, 50, 17}, false, false, false},
      {"added to what is there", {3, 33, 40}, false, true, true},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto [count, in, out] = row.size;
    const auto src = normal(count * in, 1), weights = normal(in * out, 2), bias = normal(out, 3);
    const std::int64_t out_step = row.transposed ? 1 : in, in_step = row.transposed ? out : 1;
    const TileDense dense(row.size, row.relu, row.adds);
    const auto packed = dense.pack(weights, out_step, in_step, bias);
    std::vector<float> dst(static_cast<std::size_t>(count * out + 1), 2.0F);
    dense.run(src.data(), packed.data(), dst.data());
    EXPECT_EQ(dst.back(), 2.0F);
    for (std::int64_t r = 0; r < count; ++r) {
      for (std::int64_t o = 0; o < out; ++o) {
        double sum = static_cast<double>(bias[static_cast<std::size_t>(o)]) + (row.adds ? 2 : 0);
        for (std::int64_t i = 0; i < in; ++i) {
          sum += static_cast<double>(src[static_cast<std::size_t>(r * in + i)]) *
                 static_cast<double>(weights[static_cast<std::size_t>(o * out_step + i * in_step)]);
        }
        if (row.relu) sum = std::max(sum, 0.0);
        ASSERT_NEAR(dst[static_cast<std::size_t>(r * out + o)], sum, 1e-4) << r << ", " << o;
      }
    }
  }
}

}  // namespace
}  // namespace tenbin::kernels
