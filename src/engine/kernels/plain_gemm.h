// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tenbin::kernels {

// out[rows, columns] += a[rows, steps] * b[steps, columns], on any processor: b and out row by row,
// a in any order (neighbours in a row lie `a_step` apart, rows `a_row`). For work beside the
// engine's plans that has no layer of its own.
struct PlainGemm {
  std::int64_t rows = 0, columns = 0, steps = 0;
  std::int64_t a_row = 0, a_step = 1;
};
void plain_gemm(const PlainGemm& product, const float* a, const float* b, float* out);

}  // namespace tenbin::kernels
