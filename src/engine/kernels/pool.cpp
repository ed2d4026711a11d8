// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/pool.h"

#include <cstring>

#include "engine/kernels/parallel.h"
#include "engine/kernels/simd.h"

namespace tenbin::kernels {

#ifdef TENBIN_AVX512
namespace {

constexpr std::int64_t kBlock = 16;
constexpr std::int64_t kLeastPlanes = 4;  // a thread's worth

template <bool relu, bool remembers>
TENBIN_AVX512 void pool_row(const Pool& p, const float* src, float* dst, std::uint8_t* places) {
  const std::int64_t row = p.width * kBlock;
  for (std::int64_t x = 0; x < p.out_width(); ++x) {
    const float* from = src + x * p.size * kBlock;
    __m512 top = _mm512_loadu_ps(from);
    __m512i place = _mm512_setzero_si512();
    for (std::int64_t i = 1; i < p.size * p.size; ++i) {
      const __m512 value = _mm512_loadu_ps(from + i / p.size * row + i % p.size * kBlock);
      if constexpr (remembers) {
        const __mmask16 higher = _mm512_cmp_ps_mask(value, top, _CMP_GT_OQ);
        place = _mm512_mask_mov_epi32(place, higher, _mm512_set1_epi32(static_cast<int>(i)));
      }
      top = _mm512_max_ps(value, top);
    }
    if constexpr (relu) {
      const __m512 zero = _mm512_setzero_ps();
      if constexpr (remembers) {
        const __mmask16 cut = _mm512_cmp_ps_mask(top, zero, _CMP_LE_OQ);
        place = _mm512_mask_mov_epi32(place, cut, _mm512_set1_epi32(kNowhere));
      }
      top = _mm512_max_ps(zero, top);
    }
    _mm512_storeu_ps(dst + x * kBlock, top);
    if constexpr (remembers) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(places + x * kBlock),
                       _mm512_cvtepi32_epi8(place));
    }
  }
}

using PoolRow = void (*)(const Pool&, const float*, float*, std::uint8_t*);

TENBIN_AVX512 void pool_row_backward(const Pool& p, const float* diff_dst,
                                     const std::uint8_t* places, float* diff_src) {
  const std::int64_t row = p.width * kBlock;
  for (std::int64_t x = 0; x < p.out_width(); ++x) {
    const __m512 gradient = _mm512_loadu_ps(diff_dst + x * kBlock);
    const __m512i place = _mm512_cvtepu8_epi32(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(places + x * kBlock)));
    float* to = diff_src + x * p.size * kBlock;
    for (std::int64_t i = 0; i < p.size * p.size; ++i) {
      const __mmask16 here = _mm512_cmpeq_epi32_mask(place, _mm512_set1_epi32(static_cast<int>(i)));
      _mm512_storeu_ps(to + i / p.size * row + i % p.size * kBlock,
                       _mm512_maskz_mov_ps(here, gradient));
    }
  }
}

}  // namespace

void max_pool(const Pool& p, const float* src, float* dst, std::uint8_t* places, bool relu) {
  const bool remembers = places != nullptr;
  const PoolRow rows[2][2] = {{pool_row<false, false>, pool_row<false, true>},
                              {pool_row<true, false>, pool_row<true, true>}};
  const PoolRow pool = rows[relu ? 1 : 0][remembers ? 1 : 0];
  const std::int64_t out_row = p.out_width() * kBlock;
  in_parallel(p.planes, kLeastPlanes, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t plane = begin; plane < end; ++plane) {
      const float* from = src + plane * p.height * p.width * kBlock;
      for (std::int64_t y = 0; y < p.out_height(); ++y) {
        const std::int64_t to = (plane * p.out_height() + y) * out_row;
        pool(p, from + y * p.size * p.width * kBlock, dst + to, remembers ? places + to : nullptr);
      }
    }
  });
}

void max_pool_backward(const Pool& p, const float* diff_dst, const std::uint8_t* places,
                       float* diff_src) {
  const std::int64_t out_row = p.out_width() * kBlock;
  const bool gaps = p.height % p.size != 0 || p.width % p.size != 0;
  const std::int64_t plane_size = p.height * p.width * kBlock;
  in_parallel(p.planes, kLeastPlanes, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t plane = begin; plane < end; ++plane) {
      float* to = diff_src + plane * plane_size;
      if (gaps) std::memset(to, 0, static_cast<std::size_t>(plane_size) * sizeof(float));
      for (std::int64_t y = 0; y < p.out_height(); ++y) {
        const std::int64_t from = (plane * p.out_height() + y) * out_row;
        pool_row_backward(p, diff_dst + from, places + from, to + y * p.size * p.width * kBlock);
      }
    }
  });
}

#else  // another processor: never called
void max_pool(const Pool&, const float*, float*, std::uint8_t*, bool) {}
void max_pool_backward(const Pool&, const float*, const std::uint8_t*, float*) {}
#endif

}  // namespace tenbin::kernels
