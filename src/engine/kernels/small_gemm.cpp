// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/small_gemm.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/kernels/simd.h"

namespace tenbin::kernels {

#ifdef TENBIN_AVX512
namespace {

constexpr std::int64_t kLanes = 16;
constexpr int kRows = 12, kVectors = 2;  // sums that stay in registers: 24

template <int rows, int vectors>
TENBIN_AVX512 void block(const SmallGemm& g, const float* a, const float* b, float* out) {
  __m512 sums[rows][vectors];
  for (int r = 0; r < rows; ++r) {
    for (int v = 0; v < vectors; ++v) {
      sums[r][v] = g.adds ? _mm512_loadu_ps(out + r * g.columns + v * kLanes) : _mm512_setzero_ps();
    }
  }
  for (std::int64_t k = 0; k < g.steps; ++k) {
    __m512 line[vectors];
    for (int v = 0; v < vectors; ++v) line[v] = _mm512_loadu_ps(b + k * g.columns + v * kLanes);
    const float* from = a + k * g.a_step;
    for (int r = 0; r < rows; ++r) {
      const __m512 value = _mm512_set1_ps(from[r * g.a_row]);
      for (int v = 0; v < vectors; ++v) sums[r][v] = _mm512_fmadd_ps(value, line[v], sums[r][v]);
    }
  }
  for (int r = 0; r < rows; ++r) {
    for (int v = 0; v < vectors; ++v) {
      _mm512_storeu_ps(out + r * g.columns + v * kLanes, sums[r][v]);
    }
  }
}

using Block = decltype(&block<1, 1>);
template <int vectors, int... counts>
constexpr std::array<Block, sizeof...(counts)> blocks(std::integer_sequence<int, counts...>) {
  return {block<counts + 1, vectors>...};
}
template <int vectors>
constexpr auto kBlocks = blocks<vectors>(std::make_integer_sequence<int, kRows>());

}  // namespace

void small_gemm(const SmallGemm& g, const float* a, const float* b, float* out) {
  for (std::int64_t column = 0; column < g.columns;) {
    const bool wide = column + kVectors * kLanes <= g.columns;
    // Rows in parts of nearly one size: 16 are 8 + 8, not 12 + 4.
    const std::int64_t parts = (g.rows + kRows - 1) / kRows;
    for (std::int64_t part = 0; part < parts; ++part) {
      const std::int64_t row = g.rows * part / parts, next = g.rows * (part + 1) / parts;
      const auto which = static_cast<std::size_t>(next - row - 1);
      (wide ? kBlocks<kVectors>[which] : kBlocks<1>[which])(g, a + row * g.a_row, b + column,
                                                            out + row * g.columns + column);
    }
    column += wide ? kVectors * kLanes : kLanes;
  }
}

#else  // another processor: never called
void small_gemm(const SmallGemm&, const float*, const float*, float*) {}
#endif

}  // namespace tenbin::kernels
