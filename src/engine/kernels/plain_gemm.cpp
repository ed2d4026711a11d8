// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/plain_gemm.h"

#include <algorithm>

#include "engine/kernels/simd.h"

namespace tenbin::kernels {
namespace {

constexpr std::int64_t kColumns = 512;  // of a block: its rows of `out` stay in the first cache

TENBIN_SIMD void add_four(const float* __restrict b, std::int64_t row, const float* factors,
                          std::int64_t count, float* __restrict out) {
  const float f0 = factors[0], f1 = factors[1], f2 = factors[2], f3 = factors[3];
  const float *b0 = b, *b1 = b + row, *b2 = b + 2 * row, *b3 = b + 3 * row;
  for (std::int64_t j = 0; j < count; ++j) {
    out[j] += f0 * b0[j] + f1 * b1[j] + f2 * b2[j] + f3 * b3[j];
  }
}

TENBIN_SIMD void add_one(const float* __restrict b, float factor, std::int64_t count,
                         float* __restrict out) {
  for (std::int64_t j = 0; j < count; ++j) out[j] += factor * b[j];
}

}  // namespace

void plain_gemm(const PlainGemm& p, const float* a, const float* b, float* out) {
  for (std::int64_t from = 0; from < p.columns; from += kColumns) {
    const std::int64_t count = std::min(kColumns, p.columns - from);
    for (std::int64_t i = 0; i < p.rows; ++i) {
      const float* row = a + i * p.a_row;
      float* to = out + i * p.columns + from;
      std::int64_t k = 0;
      for (; k + 4 <= p.steps; k += 4) {
        const float factors[] = {row[k * p.a_step], row[(k + 1) * p.a_step],
                                 row[(k + 2) * p.a_step], row[(k + 3) * p.a_step]};
        add_four(b + k * p.columns + from, p.columns, factors, count, to);
      }
      for (; k < p.steps; ++k) add_one(b + k * p.columns + from, row[k * p.a_step], count, to);
    }
  }
}

}  // namespace tenbin::kernels
