// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "engine/typed.h"

namespace tenbin {

// A product of stacked matrices: for each pair, where its operands begin.
struct MatmulPlan {
  Shape shape;  // of the result
  std::int64_t m = 1, k = 1, n = 1;
  std::vector<std::int64_t> a, b;  // first element of each left and right matrix
};

// NumPy's rule: vectors become a row or a column, the axes before the last two broadcast. Errors
// kBadShape, kTooLarge.
Result<MatmulPlan> plan_matmul(const OpCall& call, const Shape& a, const Shape& b);

// One matrix as it lies in memory: element (row, column) at row * row_step + column * column_step.
template <class T> struct MatrixView {
  const T* data;
  std::int64_t row_step, column_step;
};

// sums[j] = sum over p of a[row, p] * b[p, j], for one row of the result.
template <class T, class Sum>
void row_times_matrix(MatrixView<T> a, MatrixView<T> b, std::int64_t row, std::int64_t k,
                      std::span<Sum> sums) {
  const auto n = static_cast<std::int64_t>(sums.size());
  std::fill(sums.begin(), sums.end(), Sum{0});
  if (b.column_step != 1) {  // columns lie in a row
    for (std::int64_t j = 0; j < n; ++j) {
      Sum sum{0};
      for (std::int64_t p = 0; p < k; ++p) {
        sum += static_cast<Sum>(a.data[row * a.row_step + p * a.column_step]) *
               static_cast<Sum>(b.data[p * b.row_step + j * b.column_step]);
      }
      sums[static_cast<std::size_t>(j)] = sum;
    }
    return;
  }
  for (std::int64_t p = 0; p < k; ++p) {
    const Sum x = static_cast<Sum>(a.data[row * a.row_step + p * a.column_step]);
    const T* from = b.data + p * b.row_step;
    for (std::int64_t j = 0; j < n; ++j) {
      sums[static_cast<std::size_t>(j)] += x * static_cast<Sum>(from[j]);
    }
  }
}

// Calls store(i, sum) for each element i of the result of plan.
template <class T, class Sum, class F>
void multiply(const MatmulPlan& plan, std::span<const T> a, std::span<const T> b, F&& store) {
  std::vector<Sum> sums(static_cast<std::size_t>(plan.n));
  std::size_t at = 0;
  for (std::size_t pair = 0; pair < plan.a.size(); ++pair) {
    const MatrixView<T> left{a.data() + plan.a[pair], plan.k, 1};
    const MatrixView<T> right{b.data() + plan.b[pair], plan.n, 1};
    for (std::int64_t row = 0; row < plan.m; ++row) {
      row_times_matrix<T, Sum>(left, right, row, plan.k, sums);
      for (const Sum sum : sums) store(at++, sum);
    }
  }
}

// What products of T are summed in: double for real numbers; integers wrap around.
template <class T> using SumOf = std::conditional_t<kIsReal<T>, double, std::uint64_t>;

}  // namespace tenbin
