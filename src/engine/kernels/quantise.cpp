// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/quantise.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/kernels/simd.h"

namespace tenbin::kernels {
namespace {

template <class T> constexpr float kLeast = static_cast<float>(std::numeric_limits<T>::min());
template <class T> constexpr float kMost = static_cast<float>(std::numeric_limits<T>::max());

// NaN becomes the zero of the grid's lower end, as the clamp orders its operands.
template <class T> T rounded(float steps, float zero) {
  const float shifted = std::nearbyint(steps) + zero;
  return static_cast<T>(std::min(kMost<T>, std::max(kLeast<T>, shifted)));
}

#ifdef TENBIN_AVX512
// 16 steps of a grid, rounded to even, shifted and saturated.
template <class T> TENBIN_AVX512 void store_steps(T* dst, __m512 steps, __m512 zero) {
  const __m512 whole = _mm512_roundscale_ps(steps, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m512 low = _mm512_max_ps(_mm512_add_ps(whole, zero), _mm512_set1_ps(kLeast<T>));
  const __m512i ints = _mm512_cvtps_epi32(_mm512_min_ps(low, _mm512_set1_ps(kMost<T>)));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(dst), _mm512_cvtepi32_epi8(ints));
}
template <class T> TENBIN_AVX512 __m512 load_steps(const T* src) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(src));
  if constexpr (std::numeric_limits<T>::is_signed) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
  } else {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes));
  }
}

template <class T>
TENBIN_AVX512 std::int64_t quantise_16(T* dst, const float* src, std::int64_t count, float scale,
                                       float zero) {
  const __m512 by = _mm512_set1_ps(scale);
  const __m512 shift = _mm512_set1_ps(zero);
  std::int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    store_steps(dst + i, _mm512_div_ps(_mm512_loadu_ps(src + i), by), shift);
  }
  return i;
}

template <class T>
TENBIN_AVX512 void quantise_to_last_16(T* dst, const float* src, const Grouped16& s, float scale,
                                       float zero) {
  const __m512 by = _mm512_set1_ps(scale);
  const __m512 shift = _mm512_set1_ps(zero);
  const std::int64_t width = s.groups * 16;
  for (std::int64_t n = 0; n < s.batch; ++n, dst += s.pixels * width) {
    for (std::int64_t g = 0; g < s.groups; ++g) {
      T* to = dst + g * 16;
      for (std::int64_t p = 0; p < s.pixels; ++p, src += 16, to += width) {
        store_steps(to, _mm512_div_ps(_mm512_loadu_ps(src), by), shift);
      }
    }
  }
}

template <class T>
TENBIN_AVX512 std::int64_t dequantise_16(float* dst, const T* src, std::int64_t count, float scale,
                                         float zero) {
  const __m512 by = _mm512_set1_ps(scale);
  const __m512 shift = _mm512_set1_ps(zero);
  std::int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    _mm512_storeu_ps(dst + i, _mm512_mul_ps(_mm512_sub_ps(load_steps(src + i), shift), by));
  }
  return i;
}

template <class A, class B, class T>
TENBIN_AVX512 std::int64_t add_16(T* dst, const A* a, const B* b, std::int64_t count,
                                  const GridSum& sum) {
  const __m512 fa = _mm512_set1_ps(sum.a_factor);
  const __m512 fb = _mm512_set1_ps(sum.b_factor);
  const __m512 shift = _mm512_set1_ps(sum.shift);
  const __m512 least = _mm512_set1_ps(static_cast<float>(sum.least));
  std::int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m512 first = _mm512_fmadd_ps(load_steps(a + i), fa, shift);
    const __m512 both = _mm512_fmadd_ps(load_steps(b + i), fb, first);
    store_steps(dst + i, _mm512_max_ps(both, least), _mm512_setzero_ps());
  }
  return i;
}

// The largest of one window in up to 64 channels, those of `lanes`.
template <class T>
TENBIN_AVX512 __m512i window_64(const T* src, __mmask64 lanes, std::int64_t size,
                                std::int64_t pixel, std::int64_t line) {
  __m512i most = _mm512_maskz_loadu_epi8(lanes, src);
  for (std::int64_t y = 0; y < size; ++y) {
    for (std::int64_t x = y == 0 ? 1 : 0; x < size; ++x) {
      const __m512i next = _mm512_maskz_loadu_epi8(lanes, src + y * line + x * pixel);
      if constexpr (std::numeric_limits<T>::is_signed) {
        most = _mm512_max_epi8(most, next);
      } else {
        most = _mm512_max_epu8(most, next);
      }
    }
  }
  return most;
}

template <class T> TENBIN_AVX512 void max_of_windows_64(T* dst, const T* src, const BytePool& p) {
  const std::int64_t line = p.width * p.channels;
  for (std::int64_t n = 0; n < p.batch; ++n) {
    for (std::int64_t y = 0; y < p.height / p.size; ++y) {
      for (std::int64_t x = 0; x < p.width / p.size; ++x, dst += p.channels) {
        const T* from = src + (n * p.height + y * p.size) * line + x * p.size * p.channels;
        for (std::int64_t c = 0; c < p.channels; c += 64) {
          const std::int64_t some = std::min<std::int64_t>(64, p.channels - c);
          const __mmask64 lanes = some == 64 ? ~__mmask64{0} : (__mmask64{1} << some) - 1;
          _mm512_mask_storeu_epi8(dst + c, lanes,
                                  window_64(from + c, lanes, p.size, p.channels, line));
        }
      }
    }
  }
}
#endif

}  // namespace

template <class T> void max_of_windows(T* dst, const T* src, const BytePool& p) {
#ifdef TENBIN_AVX512
  if (has_avx512()) return max_of_windows_64(dst, src, p);
#endif
  const std::int64_t line = p.width * p.channels;
  for (std::int64_t n = 0; n < p.batch; ++n) {
    for (std::int64_t y = 0; y < p.height / p.size; ++y) {
      for (std::int64_t x = 0; x < p.width / p.size; ++x, dst += p.channels) {
        const T* from = src + (n * p.height + y * p.size) * line + x * p.size * p.channels;
        for (std::int64_t c = 0; c < p.channels; ++c) {
          T most = from[c];
          for (std::int64_t w = 1; w < p.size * p.size; ++w) {
            most = std::max(most, from[w / p.size * line + w % p.size * p.channels + c]);
          }
          dst[c] = most;
        }
      }
    }
  }
}

template <class T>
void quantise_to_last(T* dst, const float* src, const Grouped16& s, float scale,
                      std::int32_t zero) {
  const auto offset = static_cast<float>(zero);
#ifdef TENBIN_AVX512
  if (has_avx512()) return quantise_to_last_16(dst, src, s, scale, offset);
#endif
  for (std::int64_t n = 0; n < s.batch; ++n) {
    for (std::int64_t g = 0; g < s.groups; ++g) {
      for (std::int64_t p = 0; p < s.pixels; ++p) {
        T* to = dst + ((n * s.pixels + p) * s.groups + g) * 16;
        for (std::int64_t c = 0; c < 16; ++c) to[c] = rounded<T>(*src++ / scale, offset);
      }
    }
  }
}

template <class T>
void quantise(T* dst, const float* src, std::int64_t count, float scale, std::int32_t zero) {
  const auto shift = static_cast<float>(zero);
  std::int64_t i = 0;
#ifdef TENBIN_AVX512
  if (has_avx512()) i = quantise_16(dst, src, count, scale, shift);
#endif
  for (; i < count; ++i) dst[i] = rounded<T>(src[i] / scale, shift);
}

template <class T>
void dequantise(float* dst, const T* src, std::int64_t count, float scale, std::int32_t zero) {
  const auto shift = static_cast<float>(zero);
  std::int64_t i = 0;
#ifdef TENBIN_AVX512
  if (has_avx512()) i = dequantise_16(dst, src, count, scale, shift);
#endif
  for (; i < count; ++i) dst[i] = (static_cast<float>(src[i]) - shift) * scale;
}

template <class A, class B, class T>
void add_on_grid(T* dst, const A* a, const B* b, std::int64_t count, const GridSum& sum) {
  std::int64_t i = 0;
#ifdef TENBIN_AVX512
  if (has_avx512()) i = add_16(dst, a, b, count, sum);
#endif
  for (; i < count; ++i) {
    const float both = static_cast<float>(a[i]) * sum.a_factor +
                       (static_cast<float>(b[i]) * sum.b_factor + sum.shift);
    dst[i] = rounded<T>(std::max(both, static_cast<float>(sum.least)), 0);
  }
}

template <class T>
void mean_of_pixels(float* dst, const T* src, std::int64_t batch, std::int64_t pixels,
                    std::int64_t channels, float scale, std::int32_t zero) {
  const float factor = scale / static_cast<float>(pixels);
  const auto shift = static_cast<float>(zero) * scale;
  constexpr std::int64_t kBlock = 256;
  std::int32_t sums[kBlock];
  for (std::int64_t n = 0; n < batch; ++n) {
    for (std::int64_t first = 0; first < channels; first += kBlock) {
      const std::int64_t some = std::min(kBlock, channels - first);
      std::fill(sums, sums + some, 0);
      for (std::int64_t p = 0; p < pixels; ++p) {
        const T* from = src + (n * pixels + p) * channels + first;
        for (std::int64_t c = 0; c < some; ++c) sums[c] += from[c];
      }
      float* to = dst + n * channels + first;
      for (std::int64_t c = 0; c < some; ++c) {
        to[c] = static_cast<float>(sums[c]) * factor - shift;
      }
    }
  }
}

using U8 = std::uint8_t;
using S8 = std::int8_t;
template void quantise(U8*, const float*, std::int64_t, float, std::int32_t);
template void quantise(S8*, const float*, std::int64_t, float, std::int32_t);
template void quantise_to_last(U8*, const float*, const Grouped16&, float, std::int32_t);
template void quantise_to_last(S8*, const float*, const Grouped16&, float, std::int32_t);
template void dequantise(float*, const U8*, std::int64_t, float, std::int32_t);
template void dequantise(float*, const S8*, std::int64_t, float, std::int32_t);
template void add_on_grid(U8*, const U8*, const U8*, std::int64_t, const GridSum&);
template void add_on_grid(U8*, const U8*, const S8*, std::int64_t, const GridSum&);
template void add_on_grid(U8*, const S8*, const U8*, std::int64_t, const GridSum&);
template void add_on_grid(U8*, const S8*, const S8*, std::int64_t, const GridSum&);
template void add_on_grid(S8*, const U8*, const U8*, std::int64_t, const GridSum&);
template void add_on_grid(S8*, const U8*, const S8*, std::int64_t, const GridSum&);
template void add_on_grid(S8*, const S8*, const U8*, std::int64_t, const GridSum&);
template void add_on_grid(S8*, const S8*, const S8*, std::int64_t, const GridSum&);
template void max_of_windows(U8*, const U8*, const BytePool&);
template void max_of_windows(S8*, const S8*, const BytePool&);
template void mean_of_pixels(float*, const U8*, std::int64_t, std::int64_t, std::int64_t, float,
                             std::int32_t);
template void mean_of_pixels(float*, const S8*, std::int64_t, std::int64_t, std::int64_t, float,
                             std::int32_t);

}  // namespace tenbin::kernels
