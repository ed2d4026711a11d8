// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/norm.h"

#include <algorithm>
#include <cmath>

#include "engine/kernels/simd.h"

namespace tenbin::kernels {

#ifdef TENBIN_AVX512
namespace {

constexpr std::int64_t kLanes = 16;
constexpr int kSums = 4;  // at once: one would wait for its own last addition

// Sixteen sums in double, of parts in float.
struct Totals {
  double lanes[kLanes] = {};
  TENBIN_AVX512 void add(__m512 part) {
    float values[kLanes];
    _mm512_storeu_ps(values, part);
    for (std::int64_t i = 0; i < kLanes; ++i) lanes[i] += static_cast<double>(values[i]);
  }
};

// Calls f(place of the first element of an image's group) for each image.
template <class F> void each_image(const Norm& n, std::int64_t group, F&& f) {
  for (std::int64_t image = 0; image < n.batch; ++image) {
    f(image * n.groups.image(n.pixels) + group * n.groups.group(n.pixels));
  }
}

template <class T> TENBIN_AVX512 void first_pixel(const T* src, float* values) {
  _mm512_storeu_ps(values, load_16(src));
}

// Adds sum and sum of squares of what differs from `centre` in one image's group.
template <class T>
TENBIN_AVX512 void add_statistics(const Norm& n, const T* src, const float* centre, Totals& sum,
                                  Totals& squares) {
  const __m512 middle = _mm512_loadu_ps(centre);
  __m512 sums[kSums], square_sums[kSums];
  for (int k = 0; k < kSums; ++k) sums[k] = square_sums[k] = _mm512_setzero_ps();
  const std::int64_t step = n.groups.pixel();
  std::int64_t p = 0;
  for (; p + kSums <= n.pixels; p += kSums) {
    for (int k = 0; k < kSums; ++k) {
      const __m512 x = _mm512_sub_ps(load_16(src + (p + k) * step), middle);
      sums[k] = _mm512_add_ps(sums[k], x);
      square_sums[k] = _mm512_fmadd_ps(x, x, square_sums[k]);
    }
  }
  for (; p < n.pixels; ++p) {
    const __m512 x = _mm512_sub_ps(load_16(src + p * step), middle);
    sums[0] = _mm512_add_ps(sums[0], x);
    square_sums[0] = _mm512_fmadd_ps(x, x, square_sums[0]);
  }
  for (int k = 0; k < kSums; ++k) {
    sum.add(sums[k]);
    squares.add(square_sums[k]);
  }
}

// One group's vectors, as all its pixels need them.
struct Line {
  __m512 scale, shift, mean, inverse;  // inverse: 1 / deviation
  TENBIN_AVX512 Line(const Norm& n, const NormVectors& v, std::int64_t group) {
    const std::int64_t at = group * kLanes;
    mean = _mm512_loadu_ps(v.mean + at);
    const __m512 variance =
        _mm512_add_ps(_mm512_loadu_ps(v.variance + at), _mm512_set1_ps(n.epsilon));
    inverse = _mm512_div_ps(_mm512_set1_ps(1), _mm512_sqrt_ps(variance));
    scale = _mm512_mul_ps(_mm512_loadu_ps(v.gamma + at), inverse);
    shift = _mm512_fnmadd_ps(mean, scale, _mm512_loadu_ps(v.beta + at));
  }
};

template <class T>
TENBIN_AVX512 void apply(const Norm& n, const NormVectors& v, std::int64_t group, const T* src,
                         T* dst) {
  const Line line(n, v, group);
  const __m512 floor = _mm512_set1_ps(n.relu ? 0.0F : -__builtin_inff());
  const std::int64_t step = n.groups.pixel();
  each_image(n, group, [&](std::int64_t at) TENBIN_AVX512 {
    for (std::int64_t p = 0; p < n.pixels; ++p) {
      const __m512 y = _mm512_fmadd_ps(load_16(src + at + p * step), line.scale, line.shift);
      store_16(dst + at + p * step, _mm512_max_ps(floor, y));
    }
  });
}

// The gradient that passes the ReLU, where y = x * scale + shift.
template <bool relu>
TENBIN_AVX512 inline __m512 passed(const Line& line, __m512 x, __m512 gradient) {
  if constexpr (!relu) return gradient;
  const __m512 y = _mm512_fmadd_ps(x, line.scale, line.shift);
  return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(y, _mm512_setzero_ps(), _CMP_GT_OQ), gradient);
}

template <class T, bool relu>
TENBIN_AVX512 void backward(const Norm& n, const NormVectors& v, std::int64_t group, const T* src,
                            const T* diff_dst, float* diff_gamma, float* diff_beta, T* diff_src) {
  const Line line(n, v, group);
  const std::int64_t step = n.groups.pixel();
  Totals gradients, products;
  each_image(n, group, [&](std::int64_t at) TENBIN_AVX512 {
    __m512 sum[2], product[2];
    for (int k = 0; k < 2; ++k) sum[k] = product[k] = _mm512_setzero_ps();
    for (std::int64_t p = 0; p < n.pixels; ++p) {
      const __m512 x = load_16(src + at + p * step);
      const __m512 g = passed<relu>(line, x, load_16(diff_dst + at + p * step));
      sum[p % 2] = _mm512_add_ps(sum[p % 2], g);
      product[p % 2] = _mm512_fmadd_ps(g, _mm512_sub_ps(x, line.mean), product[p % 2]);
    }
    gradients.add(_mm512_add_ps(sum[0], sum[1]));
    products.add(_mm512_add_ps(product[0], product[1]));
  });
  // dx = scale * (g - mean of g - normal x * mean of g * normal x).
  float inverse[kLanes], of_x[kLanes], of_mean[kLanes];
  _mm512_storeu_ps(inverse, line.inverse);
  const double count = static_cast<double>(n.batch * n.pixels);
  for (std::int64_t i = 0; i < kLanes; ++i) {
    const double gamma = products.lanes[i] * static_cast<double>(inverse[i]);
    diff_gamma[group * kLanes + i] = static_cast<float>(gamma);
    diff_beta[group * kLanes + i] = static_cast<float>(gradients.lanes[i]);
    of_x[i] = static_cast<float>(gamma * static_cast<double>(inverse[i]) / count);
    of_mean[i] = static_cast<float>(gradients.lanes[i] / count);
  }
  const __m512 slope = _mm512_loadu_ps(of_x), level = _mm512_loadu_ps(of_mean);
  each_image(n, group, [&](std::int64_t at) TENBIN_AVX512 {
    for (std::int64_t p = 0; p < n.pixels; ++p) {
      const __m512 x = load_16(src + at + p * step);
      const __m512 g = passed<relu>(line, x, load_16(diff_dst + at + p * step));
      const __m512 off = _mm512_fmadd_ps(_mm512_sub_ps(x, line.mean), slope, level);
      store_16(diff_src + at + p * step, _mm512_mul_ps(line.scale, _mm512_sub_ps(g, off)));
    }
  });
}

}  // namespace

template <class T> void norm_statistics(const Norm& n, const T* src, float* mean, float* variance) {
  const double count = static_cast<double>(n.batch * n.pixels);
  for (std::int64_t group = 0; group < n.groups.count; ++group) {
    // From the first pixel on: squares of large means would drown the variance.
    float centre[kLanes];
    first_pixel(src + group * n.groups.group(n.pixels), centre);
    Totals sum, squares;
    each_image(n, group,
               [&](std::int64_t at) { add_statistics(n, src + at, centre, sum, squares); });
    for (std::int64_t i = 0; i < kLanes; ++i) {
      const double off = sum.lanes[i] / count;
      mean[group * kLanes + i] = static_cast<float>(static_cast<double>(centre[i]) + off);
      variance[group * kLanes + i] =
          static_cast<float>(std::max(squares.lanes[i] / count - off * off, 0.0));
    }
  }
}

template <class T> void norm_apply(const Norm& n, const NormVectors& v, const T* src, T* dst) {
  for (std::int64_t group = 0; group < n.groups.count; ++group) apply(n, v, group, src, dst);
}

template <class T>
void norm_backward(const Norm& n, const NormVectors& v, const T* src, const T* diff_dst,
                   float* diff_gamma, float* diff_beta, T* diff_src) {
  for (std::int64_t group = 0; group < n.groups.count; ++group) {
    (n.relu ? backward<T, true> : backward<T, false>)(n, v, group, src, diff_dst, diff_gamma,
                                                      diff_beta, diff_src);
  }
}

#else  // another processor: never called
template <class T> void norm_statistics(const Norm&, const T*, float*, float*) {}
template <class T> void norm_apply(const Norm&, const NormVectors&, const T*, T*) {}
template <class T>
void norm_backward(const Norm&, const NormVectors&, const T*, const T*, float*, float*, T*) {}
#endif

template void norm_statistics(const Norm&, const float*, float*, float*);
template void norm_statistics(const Norm&, const Bfloat16*, float*, float*);
template void norm_apply(const Norm&, const NormVectors&, const float*, float*);
template void norm_apply(const Norm&, const NormVectors&, const Bfloat16*, Bfloat16*);
template void norm_backward(const Norm&, const NormVectors&, const float*, const float*, float*,
                            float*, float*);
template void norm_backward(const Norm&, const NormVectors&, const Bfloat16*, const Bfloat16*,
                            float*, float*, Bfloat16*);

}  // namespace tenbin::kernels
