// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/conv_pool.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "engine/kernels/parallel.h"
#include "engine/kernels/pool.h"
#include "engine/kernels/simd.h"

namespace tenbin::kernels {
namespace {

constexpr std::int64_t kMostFloats = 6144;  // of a padded image: 24 KiB
constexpr std::int64_t kMostTaps = 128;

}  // namespace

std::int64_t ConvPool::workspace_floats() const { return gradient_floats() * threads_now(); }

bool ConvPool::fits() const {
  return in * padded_height() * padded_width() <= kMostFloats && taps() <= kMostTaps &&
         out % 16 == 0 && rows() >= 1 && columns() >= 1;
}

#ifdef TENBIN_AVX512
namespace {

constexpr std::int64_t kBlock = 16;
constexpr std::int64_t kMostAtOnce = 9;  // taps whose gradients stay in registers
constexpr std::int64_t kLeastImages = 4;

// One image with its padding, and where each tap lies from the place of a result.
struct Padded {
  std::array<float, kMostFloats> values;
  std::array<std::int32_t, kMostTaps> offsets;
  std::int64_t width;

  explicit Padded(const ConvPool& s) : width(s.padded_width()) {
    std::size_t tap = 0;
    for (std::int64_t y = 0; y < s.kernel_height; ++y) {
      for (std::int64_t x = 0; x < s.kernel_width; ++x) {
        for (std::int64_t c = 0; c < s.in; ++c) {
          offsets[tap++] = static_cast<std::int32_t>((c * s.padded_height() + y) * width + x);
        }
      }
    }
    std::fill_n(values.begin(), s.in * s.padded_height() * width, 0.0F);
  }

  void take(const ConvPool& s, const float* image) {
    for (std::int64_t c = 0; c < s.in; ++c) {
      float* to = values.data() + (c * s.padded_height() + s.top) * width + s.left;
      for (std::int64_t y = 0; y < s.height; ++y) {
        std::memcpy(to + y * width, image + (c * s.height + y) * s.width,
                    static_cast<std::size_t>(s.width) * sizeof(float));
      }
    }
  }
};

// Results of `blocks` blocks of channels at `some` neighbours in a row of dst.
template <int blocks, int some, class T>
TENBIN_AVX512 void conv_pool_at(const ConvPool& s, const Padded& image, const float* base,
                                const float* weights, const float* bias, T* dst,
                                std::uint8_t* places) {
  __m512 sums[blocks][2][2 * some];
  for (auto& block : sums) {
    for (auto& row : block) {
      for (__m512& sum : row) sum = _mm512_setzero_ps();
    }
  }
  const Groups groups = s.groups();
  const std::int64_t taps = s.taps(), pixel = groups.pixel();
  const std::int64_t group = groups.group(s.rows() * s.columns());
  for (std::int64_t t = 0; t < taps; ++t) {
    const float* from = base + image.offsets[static_cast<std::size_t>(t)];
    __m512 w[blocks];
    for (int b = 0; b < blocks; ++b) w[b] = _mm512_loadu_ps(weights + (b * taps + t) * kBlock);
    for (int y = 0; y < 2; ++y) {
      for (int x = 0; x < 2 * some; ++x) {
        const __m512 value = _mm512_set1_ps(from[y * image.width + x]);
        for (int b = 0; b < blocks; ++b)
          sums[b][y][x] = _mm512_fmadd_ps(w[b], value, sums[b][y][x]);
      }
    }
  }
  const __m512 zero = _mm512_setzero_ps();
  for (int b = 0; b < blocks; ++b) {
    const __m512 shift = bias == nullptr ? zero : _mm512_loadu_ps(bias + b * kBlock);
    for (int i = 0; i < some; ++i) {
      __m512 top = sums[b][0][2 * i];
      __m512i place = _mm512_setzero_si512();
      for (int k = 1; k < 4; ++k) {
        const __m512 value = sums[b][k / 2][2 * i + k % 2];
        const __mmask16 higher = _mm512_cmp_ps_mask(value, top, _CMP_GT_OQ);
        place = _mm512_mask_mov_epi32(place, higher, _mm512_set1_epi32(k));
        top = _mm512_max_ps(value, top);
      }
      top = _mm512_add_ps(top, shift);
      const __mmask16 cut = _mm512_cmp_ps_mask(top, zero, _CMP_LE_OQ);
      place = _mm512_mask_mov_epi32(place, cut, _mm512_set1_epi32(kNowhere));
      store_16(dst + b * group + i * pixel, _mm512_max_ps(zero, top));
      if (places != nullptr) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(places + b * group + i * pixel),
                         _mm512_cvtepi32_epi8(place));
      }
    }
  }
}

template <int blocks, class T>
void conv_pool_image(const ConvPool& s, const Padded& image, const float* weights,
                     const float* bias, T* dst, std::uint8_t* places) {
  const std::int64_t pixel = s.groups().pixel();
  for (std::int64_t y = 0; y < s.rows(); ++y) {
    const float* row = image.values.data() + 2 * y * image.width;
    for (std::int64_t x = 0; x < s.columns();) {
      const std::int64_t at = (y * s.columns() + x) * pixel;
      const bool two = x + 2 <= s.columns();
      (two ? conv_pool_at<blocks, 2, T>
           : conv_pool_at<blocks, 1, T>)(s, image, row + 2 * x, weights, bias, dst + at,
                                         places == nullptr ? nullptr : places + at);
      x += two ? 2 : 1;
    }
  }
}

// Adds one image's part of the gradients of `some` taps of one block of channels.
template <int some, class T>
TENBIN_AVX512 void gradient_of_taps(const ConvPool& s, const Padded& image, std::int64_t first,
                                    const T* diff_dst, const std::uint8_t* places,
                                    float* diff_weights, float* diff_bias) {
  __m512 sums[some];
  for (int t = 0; t < some; ++t) sums[t] = _mm512_loadu_ps(diff_weights + (first + t) * kBlock);
  __m512 bias = _mm512_loadu_ps(diff_bias);
  const std::int32_t* offsets = image.offsets.data() + first;
  const std::int64_t pixel = s.groups().pixel();
  for (std::int64_t y = 0; y < s.rows(); ++y) {
    const float* base = image.values.data() + 2 * y * image.width;
    for (std::int64_t x = 0; x < s.columns(); ++x, base += 2) {
      const std::int64_t at = (y * s.columns() + x) * pixel;
      const __m512 gradient = load_16(diff_dst + at);
      const __m512i place =
          _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(places + at)));
      for (int k = 0; k < 4; ++k) {
        const __mmask16 here = _mm512_cmpeq_epi32_mask(place, _mm512_set1_epi32(k));
        const __m512 part = _mm512_maskz_mov_ps(here, gradient);
        const float* from = base + k / 2 * image.width + k % 2;
        for (int t = 0; t < some; ++t) {
          sums[t] = _mm512_fmadd_ps(part, _mm512_set1_ps(from[offsets[t]]), sums[t]);
        }
        bias = _mm512_add_ps(bias, part);
      }
    }
  }
  for (int t = 0; t < some; ++t) _mm512_storeu_ps(diff_weights + (first + t) * kBlock, sums[t]);
  if (first == 0) _mm512_storeu_ps(diff_bias, bias);
}

template <class T> using GradientOfTaps = decltype(&gradient_of_taps<1, T>);
template <class T, int... counts>
constexpr std::array<GradientOfTaps<T>, sizeof...(counts)> gradients(
    std::integer_sequence<int, counts...>) {
  return {gradient_of_taps<counts + 1, T>...};
}
template <class T>
constexpr auto kGradients = gradients<T>(std::make_integer_sequence<int, kMostAtOnce>());

template <class T>
void gradient_of_image(const ConvPool& s, const Padded& image, const T* diff_dst,
                       const std::uint8_t* places, float* sums) {
  const std::int64_t group = s.groups().group(s.rows() * s.columns());
  float* const bias = sums + s.out * s.taps();
  for (std::int64_t block = 0; block < s.out / kBlock; ++block) {
    for (std::int64_t t = 0; t < s.taps(); t += kMostAtOnce) {
      const std::int64_t some = std::min(kMostAtOnce, s.taps() - t);
      kGradients<T>[static_cast<std::size_t>(some - 1)](
          s, image, t, diff_dst + block * group, places + block * group,
          sums + block * s.taps() * kBlock, bias + block * kBlock);
    }
  }
}

}  // namespace

template <class T>
void conv_pool(const ConvPool& s, const float* src, const float* weights, const float* bias, T* dst,
               std::uint8_t* places) {
  const Groups groups = s.groups();
  const std::int64_t results = s.rows() * s.columns();
  in_parallel(s.batch, kLeastImages, [&](std::int64_t begin, std::int64_t end, int) {
    Padded image(s);
    for (std::int64_t i = begin; i < end; ++i) {
      image.take(s, src + i * s.in * s.height * s.width);
      for (std::int64_t block = 0; block < groups.count;) {
        const std::int64_t at = i * groups.image(results) + block * groups.group(results);
        const float* w = weights + block * s.taps() * kBlock;
        const float* shift = bias == nullptr ? nullptr : bias + block * kBlock;
        const bool pair = block + 2 <= groups.count;
        (pair ? conv_pool_image<2, T> : conv_pool_image<1, T>)(s, image, w, shift, dst + at,
                                                               places == nullptr ? nullptr
                                                                                 : places + at);
        block += pair ? 2 : 1;
      }
    }
  });
}

template <class T>
void conv_pool_backward(const ConvPool& s, const float* src, const T* diff_dst,
                        const std::uint8_t* places, float* workspace, float* diff_weights,
                        float* diff_bias) {
  const std::int64_t each = s.gradient_floats(), weights = s.out * s.taps();
  const std::int64_t results = s.out * s.rows() * s.columns();
  std::fill_n(workspace, each * threads_now(), 0.0F);
  in_parallel(s.batch, kLeastImages, [&](std::int64_t begin, std::int64_t end, int part) {
    Padded image(s);
    for (std::int64_t i = begin; i < end; ++i) {
      image.take(s, src + i * s.in * s.height * s.width);
      gradient_of_image(s, image, diff_dst + i * results, places + i * results,
                        workspace + part * each);
    }
  });
  for (int part = 1; part < threads_now(); ++part) {  // in order: the same bits each time
    for (std::int64_t i = 0; i < each; ++i) workspace[i] += workspace[part * each + i];
  }
  std::copy_n(workspace, weights, diff_weights);
  if (diff_bias != nullptr) std::copy_n(workspace + weights, s.out, diff_bias);
}

#else  // another processor: never called
template <class T>
void conv_pool(const ConvPool&, const float*, const float*, const float*, T*, std::uint8_t*) {}
template <class T>
void conv_pool_backward(const ConvPool&, const float*, const T*, const std::uint8_t*, float*,
                        float*, float*) {}
#endif

template void conv_pool(const ConvPool&, const float*, const float*, const float*, float*,
                        std::uint8_t*);
template void conv_pool(const ConvPool&, const float*, const float*, const float*, Bfloat16*,
                        std::uint8_t*);
template void conv_pool_backward(const ConvPool&, const float*, const float*, const std::uint8_t*,
                                 float*, float*, float*);
template void conv_pool_backward(const ConvPool&, const float*, const Bfloat16*,
                                 const std::uint8_t*, float*, float*, float*);

}  // namespace tenbin::kernels
