// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/small_gemm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/kernels/simd.h"
#include "engine/kernels/test_floats.h"

namespace tenbin::kernels {
namespace {

float at(const std::vector<float>& values, std::int64_t i) {
  return values[static_cast<std::size_t>(i)];
}

TEST(SmallGemm, AgreesWithPlainLoops) {
  if (!has_avx512()) GTEST_SKIP() << "this processor has no AVX-512";
  const struct {
    const char* why;
    std::int64_t rows, columns, steps;
    bool turned, adds, bias, relu;
  } rows[] = {{"tall blocks", 32, 64, 20, false, false, true, true},
              {"one row, a narrow end", 1, 50, 9, false, false, true, false},
              {"six rows, two columns", 6, 2, 7, false, false, false, false},
              {"left operand turned, added up", 20, 33, 8, true, true, false, false},
              {"one step", 13, 16, 1, true, false, false, true}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto a = normal(row.rows * row.steps, 1), b = normal(row.steps * row.columns, 2);
    const auto bias = normal(row.columns, 3), before = normal(row.rows * row.columns + 1, 4);
    auto out = before;
    SmallGemm g{row.rows, row.columns, row.steps, row.steps, 1, row.adds};
    if (row.turned) {
      g.a_row = 1;
      g.a_step = row.rows;
    }
    if (row.bias) g.bias = bias.data();
    g.relu = row.relu;
    small_gemm(g, a.data(), b.data(), out.data());
    EXPECT_EQ(out.back(), before.back()) << "nothing is written behind the end";
    for (std::int64_t i = 0; i < row.rows * row.columns; ++i) {
      const std::int64_t r = i / row.columns, c = i % row.columns;
      double sum = row.adds ? static_cast<double>(at(before, i)) : 0;
      if (row.bias) sum += static_cast<double>(at(bias, c));
      for (std::int64_t k = 0; k < row.steps; ++k) {
        sum += static_cast<double>(at(a, r * g.a_row + k * g.a_step)) *
               static_cast<double>(at(b, k * row.columns + c));
      }
      if (row.relu) sum = std::max(sum, 0.0);
      EXPECT_NEAR(at(out, i), sum, 1e-5) << r << ", " << c;
    }
  }
}

TEST(SmallGemm, TurnsAndSums) {
  if (!has_avx512()) GTEST_SKIP() << "this processor has no AVX-512";
  for (const auto& [rows, columns] : {std::pair{64L, 32L}, {7L, 19L}, {1L, 5L}, {33L, 1L}}) {
    const auto in = normal(rows * columns, 1);
    std::vector<float> out(in.size()), sums(static_cast<std::size_t>(columns));
    transpose(in.data(), rows, columns, out.data());
    sum_rows(in.data(), rows, columns, sums.data());
    for (std::int64_t c = 0; c < columns; ++c) {
      double sum = 0;
      for (std::int64_t r = 0; r < rows; ++r) {
        EXPECT_EQ(at(out, c * rows + r), at(in, r * columns + c));
        sum += static_cast<double>(at(in, r * columns + c));
      }
      EXPECT_NEAR(at(sums, c), sum, 1e-5);
    }
  }
}

}  // namespace
}  // namespace tenbin::kernels
