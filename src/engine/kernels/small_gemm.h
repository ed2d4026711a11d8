// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tenbin::kernels {

// out[rows, columns] = a[rows, steps] * b[steps, columns], with b and out row by row and a in any
// order: neighbours in a row lie `a_step` apart, rows `a_row`. For matrices that stay in the cache;
// needs AVX-512 (F, BW, VL, DQ).
struct SmallGemm {
  std::int64_t rows = 0, columns = 0, steps = 0;
  std::int64_t a_row = 0, a_step = 1;
  bool adds = false;            // to what `out` holds
  const float* bias = nullptr;  // [columns], added to each row; not with `adds`
  bool relu = false;
};
void small_gemm(const SmallGemm& product, const float* a, const float* b, float* out);

// out[columns, rows] = in[rows, columns].
void transpose(const float* in, std::int64_t rows, std::int64_t columns, float* out);
// sums[columns] of in[rows, columns].
void sum_rows(const float* in, std::int64_t rows, std::int64_t columns, float* sums);

}  // namespace tenbin::kernels
