// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/plain_gemm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace tenbin::kernels {
namespace {

std::vector<float> wave(std::int64_t count, float step) {
  std::vector<float> out(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::sin(step * static_cast<float>(i));
  return out;
}

TEST(PlainGemm, AddsTheProductInBothOrdersOfItsLeftOperand) {
  const struct {
    const char* why;
    std::int64_t rows, columns, steps;
  } rows[] = {{"one", 1, 1, 1},
              {"steps that are no multiple of four", 3, 7, 6},
              {"more columns than a block", 2, 1030, 5},
              {"many steps", 5, 33, 200}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto a = wave(row.rows * row.steps, 0.7F), b = wave(row.steps * row.columns, 0.31F);
    for (const bool turned : {false, true}) {
      auto out = wave(row.rows * row.columns, 1.1F);
      const auto before = out;
      const PlainGemm p{row.rows, row.columns, row.steps, turned ? 1 : row.steps,
                        turned ? row.rows : 1};
      plain_gemm(p, a.data(), b.data(), out.data());
      for (std::int64_t i = 0; i < row.rows * row.columns; ++i) {
        double sum = static_cast<double>(before[static_cast<std::size_t>(i)]);
        for (std::int64_t k = 0; k < row.steps; ++k) {
          const std::int64_t at = i / row.columns * p.a_row + k * p.a_step;
          sum +=
              static_cast<double>(a[static_cast<std::size_t>(at)]) *
              static_cast<double>(b[static_cast<std::size_t>(k * row.columns + i % row.columns)]);
        }
        ASSERT_NEAR(out[static_cast<std::size_t>(i)], sum, 1e-4) << i << " " << turned;
      }
    }
  }
}

}  // namespace
}  // namespace tenbin::kernels
