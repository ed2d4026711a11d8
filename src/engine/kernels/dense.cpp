// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/dense.h"

#include <algorithm>
#include <cassert>

#include "engine/kernels/simd.h"

namespace tenbin::kernels {
namespace {

constexpr std::int64_t kLanes = 16, kColumn = 64;

std::int64_t padded(std::int64_t out) { return (out + kLanes - 1) / kLanes * kLanes; }

}  // namespace

std::vector<float> pack_weights(const FewRows& layer, std::span<const float> weights,
                                std::int64_t out_step, std::int64_t in_step) {
  const std::int64_t all = padded(layer.out);
  std::vector<float> packed(static_cast<std::size_t>(all * layer.in), 0.0F);
  for (std::int64_t o = 0; o < layer.out; ++o) {
    const std::int64_t column = o / kColumn * kColumn;
    const std::int64_t width = std::min(kColumn, all - column);
    for (std::int64_t i = 0; i < layer.in; ++i) {
      packed[static_cast<std::size_t>(column * layer.in + i * width + o - column)] =
          weights[static_cast<std::size_t>(o * out_step + i * in_step)];
    }
  }
  return packed;
}

#ifdef TENBIN_AVX512
namespace {

// One column of `vectors` x 16 outputs for `rows` rows. Two sums an output where registers allow:
// one would wait for its own last addition.
template <int vectors, int rows>
TENBIN_AVX512 void column_of(const FewRows& layer, const float* src, const float* w,
                             const float* bias, float* dst, std::int64_t outs) {
  constexpr int kSums = rows * vectors <= 8 ? 2 : 1;
  __m512 sums[kSums][rows][vectors];
  for (auto& set : sums) {
    for (auto& row : set) {
      for (__m512& sum : row) sum = _mm512_setzero_ps();
    }
  }
  std::int64_t i = 0;
  for (; i + kSums <= layer.in; i += kSums) {
    for (int k = 0; k < kSums; ++k) {
      for (int v = 0; v < vectors; ++v) {
        const float* at = w + ((i + k) * vectors + v) * kLanes;
        const __m512 weights = _mm512_loadu_ps(at);
        for (int r = 0; r < rows; ++r) {
          const __m512 value = _mm512_set1_ps(src[r * layer.in + i + k]);
          sums[k][r][v] = _mm512_fmadd_ps(weights, value, sums[k][r][v]);
        }
      }
    }
  }
  for (; i < layer.in; ++i) {
    for (int v = 0; v < vectors; ++v) {
      const __m512 weights = _mm512_loadu_ps(w + (i * vectors + v) * kLanes);
      for (int r = 0; r < rows; ++r) {
        const __m512 value = _mm512_set1_ps(src[r * layer.in + i]);
        sums[0][r][v] = _mm512_fmadd_ps(weights, value, sums[0][r][v]);
      }
    }
  }
  for (int v = 0; v < vectors; ++v) {
    const std::int64_t left = std::min(kLanes, outs - v * kLanes);
    const auto there = static_cast<__mmask16>((1U << left) - 1U);
    const __m512 shift =
        bias == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(there, bias + v * kLanes);
    for (int r = 0; r < rows; ++r) {
      __m512 sum = sums[0][r][v];
      if constexpr (kSums == 2) sum = _mm512_add_ps(sum, sums[1][r][v]);
      sum = _mm512_add_ps(sum, shift);
      if (layer.relu) sum = _mm512_max_ps(_mm512_setzero_ps(), sum);
      _mm512_mask_storeu_ps(dst + r * layer.out + v * kLanes, there, sum);
    }
  }
}

// The places of up to kChunk values that are not zero: behind a ReLU many are, and the weights of a
// zero need not be read at all.
constexpr std::int64_t kChunk = 512;
TENBIN_AVX512 std::int64_t places_of_values(const float* src, std::int64_t count,
                                            std::int32_t* places) {
  std::int64_t found = 0;
  const __m512i lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  for (std::int64_t i = 0; i < count; i += kLanes) {
    const std::int64_t left = std::min(kLanes, count - i);
    const auto there = static_cast<__mmask16>((1U << left) - 1U);
    const __m512 values = _mm512_maskz_loadu_ps(there, src + i);
    const __mmask16 some = _mm512_cmp_ps_mask(values, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    const __m512i here = _mm512_add_epi32(lanes, _mm512_set1_epi32(static_cast<int>(i)));
    _mm512_storeu_si512(places + found, _mm512_maskz_compress_epi32(some, here));
    found += __builtin_popcount(some);
  }
  return found;
}

// As column_of for one row, without the inputs that are zero.
template <int vectors>
TENBIN_AVX512 void column_of_some(const FewRows& layer, const float* src, const float* w,
                                  const float* bias, float* dst, std::int64_t outs) {
  std::int32_t places[kChunk + kLanes];
  __m512 sums[2][vectors];
  for (auto& set : sums) {
    for (__m512& sum : set) sum = _mm512_setzero_ps();
  }
  for (std::int64_t first = 0; first < layer.in; first += kChunk) {
    const float* const values = src + first;
    const float* const chunk = w + first * vectors * kLanes;
    const std::int64_t found = places_of_values(values, std::min(kChunk, layer.in - first), places);
    places[found] = places[0];  // an odd count ends with a product by zero
    for (std::int64_t i = 0; i < found; i += 2) {
      const std::int64_t a = places[i], b = places[i + 1];
      const __m512 x = _mm512_set1_ps(values[a]);
      const __m512 y = _mm512_set1_ps(i + 1 < found ? values[b] : 0.0F);
      for (int v = 0; v < vectors; ++v) {
        const __m512 wa = _mm512_loadu_ps(chunk + (a * vectors + v) * kLanes);
        const __m512 wb = _mm512_loadu_ps(chunk + (b * vectors + v) * kLanes);
        sums[0][v] = _mm512_fmadd_ps(wa, x, sums[0][v]);
        sums[1][v] = _mm512_fmadd_ps(wb, y, sums[1][v]);
      }
    }
  }
  for (int v = 0; v < vectors; ++v) {
    const std::int64_t left = std::min(kLanes, outs - v * kLanes);
    const auto there = static_cast<__mmask16>((1U << left) - 1U);
    const __m512 zero = _mm512_setzero_ps();
    const __m512 shift = bias == nullptr ? zero : _mm512_maskz_loadu_ps(there, bias + v * kLanes);
    __m512 sum = _mm512_add_ps(_mm512_add_ps(sums[0][v], sums[1][v]), shift);
    if (layer.relu) sum = _mm512_max_ps(zero, sum);
    _mm512_mask_storeu_ps(dst + v * kLanes, there, sum);
  }
}

using Column = decltype(&column_of<1, 1>);
constexpr Column kColumnsOfSome[] = {column_of_some<1>, column_of_some<2>, column_of_some<3>,
                                     column_of_some<4>};
constexpr std::int64_t kLongRow = 256;  // below, looking for zeros costs more than it saves
template <int rows>
constexpr Column kColumns[] = {column_of<1, rows>, column_of<2, rows>, column_of<3, rows>,
                               column_of<4, rows>};
constexpr const Column* kByRows[] = {kColumns<1>, kColumns<2>, kColumns<3>, kColumns<4>};

}  // namespace

void dense_few_rows(const FewRows& layer, const float* src, const float* packed, const float* bias,
                    float* dst) {
  assert(layer.rows >= 1 && layer.rows <= FewRows::kMostRows);
  const std::int64_t all = padded(layer.out);
  const bool look = layer.rows == 1 && layer.in >= kLongRow;
  const Column* columns = look ? kColumnsOfSome : kByRows[layer.rows - 1];
  for (std::int64_t o = 0; o < layer.out; o += kColumn) {
    const std::int64_t vectors = std::min(kColumn, all - o) / kLanes;
    columns[vectors - 1](layer, src, packed + o * layer.in, bias == nullptr ? nullptr : bias + o,
                         dst + o, std::min(kColumn, layer.out - o));
  }
}

#else  // another processor: never called
void dense_few_rows(const FewRows&, const float*, const float*, const float*, float*) {}
#endif

}  // namespace tenbin::kernels
