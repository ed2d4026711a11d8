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
// Rows x vectors of sums that stay in registers: tall ones, and wide ones where rows are few.
constexpr int kTall = 12, kTallVectors = 2, kFlat = 6, kFlatVectors = 4;

__mmask16 first_lanes(std::int64_t count) {
  return static_cast<__mmask16>(count >= kLanes ? 0xFFFFU : (1U << count) - 1U);
}

// Vector v of a line whose last vector may be narrow.
template <int vectors, bool whole>
TENBIN_AVX512 inline __m512 load(const float* from, int v, __mmask16 last) {
  if (whole || v < vectors - 1) return _mm512_loadu_ps(from + v * kLanes);
  return _mm512_maskz_loadu_ps(last, from + v * kLanes);
}

// `last`: lanes of the last vector that exist; all of them when `whole`.
template <int rows, int vectors, bool whole>
TENBIN_AVX512 void block(const SmallGemm& g, const float* a, const float* b, const float* bias,
                         float* out, __mmask16 last) {
  __m512 sums[rows][vectors];
  for (int v = 0; v < vectors; ++v) {
    const __m512 start =
        bias == nullptr ? _mm512_setzero_ps() : load<vectors, whole>(bias, v, last);
    for (int r = 0; r < rows; ++r) {
      sums[r][v] = g.adds ? load<vectors, whole>(out + r * g.columns, v, last) : start;
    }
  }
  for (std::int64_t k = 0; k < g.steps; ++k) {
    __m512 line[vectors];
    for (int v = 0; v < vectors; ++v) line[v] = load<vectors, whole>(b + k * g.columns, v, last);
    const float* from = a + k * g.a_step;
    for (int r = 0; r < rows; ++r) {
      const __m512 value = _mm512_set1_ps(from[r * g.a_row]);
      for (int v = 0; v < vectors; ++v) sums[r][v] = _mm512_fmadd_ps(value, line[v], sums[r][v]);
    }
  }
  const __m512 zero = _mm512_setzero_ps();
  for (int r = 0; r < rows; ++r) {
    for (int v = 0; v < vectors; ++v) {
      const __m512 sum = g.relu ? _mm512_max_ps(zero, sums[r][v]) : sums[r][v];
      float* const to = out + r * g.columns + v * kLanes;
      if (whole || v < vectors - 1) {
        _mm512_storeu_ps(to, sum);
      } else {
        _mm512_mask_storeu_ps(to, last, sum);
      }
    }
  }
}

using Block = decltype(&block<1, 1, true>);
template <int vectors, bool whole, int... counts>
constexpr std::array<Block, sizeof...(counts)> blocks(std::integer_sequence<int, counts...>) {
  return {block<counts + 1, vectors, whole>...};
}
template <int vectors, bool whole>
constexpr auto kBlocks = blocks<vectors, whole>(
    std::make_integer_sequence<int, (vectors > kTallVectors ? kFlat : kTall)>());

template <bool whole> Block block_for(std::int64_t rows, std::int64_t vectors) {
  const auto row = static_cast<std::size_t>(rows - 1);
  switch (vectors) {
    case 1: return kBlocks<1, whole>[row];
    case 2: return kBlocks<2, whole>[row];
    case 3: return kBlocks<3, whole>[row];
    default: return kBlocks<4, whole>[row];
  }
}

// A square of 16 x 16: neighbours in ever larger groups change places.
TENBIN_AVX512 void turn(__m512* line) {
  for (int group = 1; group < 16; group *= 2) {
    __m512i low = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i bit = _mm512_and_si512(low, _mm512_set1_epi32(group));
    const __mmask16 upper = _mm512_cmpneq_epi32_mask(bit, _mm512_setzero_si512());
    // Lane i of the first line of a pair takes lane i - group of the second where i is upper.
    const __m512i from_second =
        _mm512_add_epi32(_mm512_sub_epi32(low, _mm512_set1_epi32(group)), _mm512_set1_epi32(16));
    const __m512i first = _mm512_mask_mov_epi32(low, upper, from_second);
    const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(group));
    const __m512i kept = _mm512_add_epi32(low, _mm512_set1_epi32(16));
    const __m512i other = _mm512_mask_mov_epi32(second, upper, kept);
    for (int i = 0; i < 16; ++i) {
      if ((i & group) != 0) continue;
      const __m512 a = line[i], b = line[i + group];
      line[i] = _mm512_permutex2var_ps(a, first, b);
      line[i + group] = _mm512_permutex2var_ps(a, other, b);
    }
  }
}

}  // namespace

void small_gemm(const SmallGemm& g, const float* a, const float* b, float* out) {
  const bool flat = g.rows <= kFlat;
  const std::int64_t most = flat ? kFlatVectors : kTallVectors;
  // Rows in parts of nearly one size: 16 are 8 + 8, not 12 + 4.
  const std::int64_t parts = (g.rows + kTall - 1) / kTall;
  for (std::int64_t column = 0; column < g.columns; column += most * kLanes) {
    const std::int64_t left = g.columns - column;
    const std::int64_t vectors = std::min(most, (left + kLanes - 1) / kLanes);
    const bool whole = left >= vectors * kLanes;
    const __mmask16 last = first_lanes(left - (vectors - 1) * kLanes);
    const float* bias = g.bias == nullptr ? nullptr : g.bias + column;
    for (std::int64_t part = 0; part < parts; ++part) {
      const std::int64_t row = g.rows * part / parts, next = g.rows * (part + 1) / parts;
      (whole ? block_for<true> : block_for<false>)(next - row, vectors)(
          g, a + row * g.a_row, b + column, bias, out + row * g.columns + column, last);
    }
  }
}

TENBIN_AVX512 void transpose(const float* in, std::int64_t rows, std::int64_t columns, float* out) {
  for (std::int64_t r = 0; r < rows; r += kLanes) {
    for (std::int64_t c = 0; c < columns; c += kLanes) {
      const __mmask16 across = first_lanes(columns - c), down = first_lanes(rows - r);
      __m512 line[16];
      for (std::int64_t i = 0; i < kLanes; ++i) {
        line[i] = r + i < rows ? _mm512_maskz_loadu_ps(across, in + (r + i) * columns + c)
                               : _mm512_setzero_ps();
      }
      turn(line);
      for (std::int64_t i = 0; i < kLanes && c + i < columns; ++i) {
        _mm512_mask_storeu_ps(out + (c + i) * rows + r, down, line[i]);
      }
    }
  }
}

TENBIN_AVX512 void sum_rows(const float* in, std::int64_t rows, std::int64_t columns, float* sums) {
  for (std::int64_t c = 0; c < columns; c += kLanes) {
    const __mmask16 there = first_lanes(columns - c);
    __m512 even = _mm512_setzero_ps(), odd = even;
    std::int64_t r = 0;
    for (; r + 2 <= rows; r += 2) {
      even = _mm512_add_ps(even, _mm512_maskz_loadu_ps(there, in + r * columns + c));
      odd = _mm512_add_ps(odd, _mm512_maskz_loadu_ps(there, in + (r + 1) * columns + c));
    }
    if (r < rows) even = _mm512_add_ps(even, _mm512_maskz_loadu_ps(there, in + r * columns + c));
    _mm512_mask_storeu_ps(sums + c, there, _mm512_add_ps(even, odd));
  }
}

#else  // another processor: never called
void small_gemm(const SmallGemm&, const float*, const float*, float*) {}
void transpose(const float*, std::int64_t, std::int64_t, float*) {}
void sum_rows(const float*, std::int64_t, std::int64_t, float*) {}
#endif

}  // namespace tenbin::kernels
