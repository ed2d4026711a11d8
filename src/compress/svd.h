// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tenbin {

// a [rows, columns] = left * diag(values) * right, with orthonormal columns of left [rows, n] and
// rows of right [n, columns], n = min(rows, columns); values from the largest down.
struct Svd {
  std::vector<double> left, values, right;
};

// By rotations of pairs of rows (of the shorter side) until all are orthogonal. Takes
// min^2 * max * ~50 operations: for matrices of up to some thousand columns.
// Source: Hestenes 1958, one-sided Jacobi; Demmel and Veselic 1992 on its accuracy.
Svd decompose(std::span<const float> a, std::size_t rows, std::size_t columns);

}  // namespace tenbin
