// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/pool.h"

#include <algorithm>

#include "engine/kernels/parallel.h"
#include "engine/kernels/simd.h"

namespace tenbin::kernels {

#ifdef TENBIN_AVX512
namespace {

constexpr std::int64_t kLeastImages = 1;  // a thread's worth

template <class T, bool relu, bool remembers>
TENBIN_AVX512 void pool_row(const Pool& p, const T* src, T* dst, std::uint8_t* places) {
  const std::int64_t pixel = p.groups.pixel(), row = p.width * pixel;
  for (std::int64_t x = 0; x < p.out_width(); ++x) {
    const T* from = src + x * p.size * pixel;
    __m512 top = load_16(from);
    __m512i place = _mm512_setzero_si512();
    for (std::int64_t i = 1; i < p.size * p.size; ++i) {
      const __m512 value = load_16(from + i / p.size * row + i % p.size * pixel);
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
    store_16(dst + x * pixel, top);
    if constexpr (remembers) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(places + x * pixel), _mm512_cvtepi32_epi8(place));
    }
  }
}

template <class T>
TENBIN_AVX512 void pool_row_backward(const Pool& p, const T* diff_dst, const std::uint8_t* places,
                                     T* diff_src) {
  const std::int64_t pixel = p.groups.pixel(), row = p.width * pixel;
  for (std::int64_t x = 0; x < p.out_width(); ++x) {
    const __m512 gradient = load_16(diff_dst + x * pixel);
    const __m512i place =
        _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(places + x * pixel)));
    T* to = diff_src + x * p.size * pixel;
    for (std::int64_t i = 0; i < p.size * p.size; ++i) {
      const __mmask16 here = _mm512_cmpeq_epi32_mask(place, _mm512_set1_epi32(static_cast<int>(i)));
      store_16(to + i / p.size * row + i % p.size * pixel, _mm512_maskz_mov_ps(here, gradient));
    }
  }
}

// Calls f(start of a row of windows in the source, start of its row of results) for a share of the
// images.
template <class F> void each_row(const Pool& p, std::int64_t begin, std::int64_t end, F&& f) {
  const std::int64_t pixel = p.groups.pixel();
  const std::int64_t pixels = p.height * p.width, results = p.out_height() * p.out_width();
  for (std::int64_t image = begin; image < end; ++image) {
    for (std::int64_t group = 0; group < p.groups.count; ++group) {
      const std::int64_t from = image * p.groups.image(pixels) + group * p.groups.group(pixels);
      const std::int64_t to = image * p.groups.image(results) + group * p.groups.group(results);
      for (std::int64_t y = 0; y < p.out_height(); ++y) {
        f(from + y * p.size * p.width * pixel, to + y * p.out_width() * pixel);
      }
    }
  }
}

}  // namespace

template <class T>
void max_pool(const Pool& p, const T* src, T* dst, std::uint8_t* places, bool relu) {
  using Row = void (*)(const Pool&, const T*, T*, std::uint8_t*);
  const Row rows[2][2] = {{pool_row<T, false, false>, pool_row<T, false, true>},
                          {pool_row<T, true, false>, pool_row<T, true, true>}};
  const Row pool = rows[relu ? 1 : 0][places != nullptr ? 1 : 0];
  in_parallel(p.batch, kLeastImages, [&](std::int64_t begin, std::int64_t end, int) {
    each_row(p, begin, end, [&](std::int64_t from, std::int64_t to) {
      pool(p, src + from, dst + to, places == nullptr ? nullptr : places + to);
    });
  });
}

template <class T>
void max_pool_backward(const Pool& p, const T* diff_dst, const std::uint8_t* places, T* diff_src) {
  const bool gaps = p.height % p.size != 0 || p.width % p.size != 0;
  const std::int64_t image = p.groups.image(p.height * p.width);
  in_parallel(p.batch, kLeastImages, [&](std::int64_t begin, std::int64_t end, int) {
    if (gaps) std::fill(diff_src + begin * image, diff_src + end * image, T{});
    each_row(p, begin, end, [&](std::int64_t from, std::int64_t to) {
      pool_row_backward(p, diff_dst + to, places + to, diff_src + from);
    });
  });
}

#else  // another processor: never called
template <class T> void max_pool(const Pool&, const T*, T*, std::uint8_t*, bool) {}
template <class T> void max_pool_backward(const Pool&, const T*, const std::uint8_t*, T*) {}
#endif

template void max_pool(const Pool&, const float*, float*, std::uint8_t*, bool);
template void max_pool(const Pool&, const Bfloat16*, Bfloat16*, std::uint8_t*, bool);
template void max_pool_backward(const Pool&, const float*, const std::uint8_t*, float*);
template void max_pool_backward(const Pool&, const Bfloat16*, const std::uint8_t*, Bfloat16*);

}  // namespace tenbin::kernels
