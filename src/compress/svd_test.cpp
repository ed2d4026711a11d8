// SPDX-License-Identifier: Apache-2.0
#include "compress/svd.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/train_case.h"

namespace tenbin {
namespace {

// noise [rows, rank] * noise [rank, columns]
std::vector<float> of_rank(std::size_t rows, std::size_t columns, std::size_t rank) {
  Random random(rows * 100 + columns);
  std::vector<double> a(rows * rank), b(rank * columns);
  for (double& v : a) v = random.normal();
  for (double& v : b) v = random.normal();
  std::vector<float> out(rows * columns);
  for (std::size_t i = 0; i < out.size(); ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < rank; ++k)
      sum += a[i / columns * rank + k] * b[k * columns + i % columns];
    out[i] = static_cast<float>(sum);
  }
  return out;
}

TEST(Svd, FactorsAreOrthonormalAndTheirProductIsTheMatrix) {
  const struct {
    const char* why;
    std::size_t rows, columns, rank;
  } rows[] = {{"wide", 5, 9, 5},        {"tall", 17, 6, 6},   {"square", 8, 8, 8},
              {"of rank 3", 12, 10, 3}, {"one row", 1, 7, 1}, {"one column", 7, 1, 1}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto a = of_rank(row.rows, row.columns, row.rank);
    const Svd svd = decompose(a, row.rows, row.columns);
    const std::size_t n = std::min(row.rows, row.columns);
    ASSERT_EQ(svd.values.size(), n);
    for (std::size_t i = 0; i < a.size(); ++i) {
      double sum = 0;
      for (std::size_t r = 0; r < n; ++r) {
        sum += svd.left[i / row.columns * n + r] * svd.values[r] *
               svd.right[r * row.columns + i % row.columns];
      }
      ASSERT_NEAR(sum, a[i], 1e-6);
    }
    for (std::size_t r = 0; r < n; ++r) {
      EXPECT_LE(svd.values[r], svd.values[r == 0 ? 0 : r - 1]);
      EXPECT_LT(svd.values[r], (r >= row.rank ? 1e-5 : 1.1) * svd.values[0]);
      for (std::size_t q = 0; q < std::min(n, row.rank); ++q) {
        if (r >= row.rank) continue;
        double left = 0, right = 0;
        for (std::size_t i = 0; i < row.rows; ++i)
          left += svd.left[i * n + r] * svd.left[i * n + q];
        for (std::size_t j = 0; j < row.columns; ++j) {
          right += svd.right[r * row.columns + j] * svd.right[q * row.columns + j];
        }
        EXPECT_NEAR(left, r == q ? 1 : 0, 1e-6);
        EXPECT_NEAR(right, r == q ? 1 : 0, 1e-6);
      }
    }
  }
}

TEST(Svd, OfADiagonalAreItsSizesInOrder) {
  const std::vector<float> a = {0, -3, 0, 0, 0, 5, 1, 0, 0};
  const Svd svd = decompose(a, 3, 3);
  EXPECT_NEAR(svd.values[0], 5, 1e-12);
  EXPECT_NEAR(svd.values[1], 3, 1e-12);
  EXPECT_NEAR(svd.values[2], 1, 1e-12);
}

}  // namespace
}  // namespace tenbin
