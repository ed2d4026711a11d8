// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/functions.h"

#include <cmath>
#include <cstring>

#include "engine/kernels/simd.h"

#define TENBIN_INLINE inline __attribute__((always_inline))

namespace tenbin::kernels {
namespace {

// exp to a few units in the last place, in operations that the vectoriser takes: 2^n times a
// polynomial of the rest (Taylor, degree 7 on [-ln 2 / 2, ln 2 / 2]).
TENBIN_INLINE float exponential(float x) {
  x = x < -87.0F ? -87.0F : x;
  x = x > 88.0F ? 88.0F : x;
  const float n = std::floor(x * 1.44269504F + 0.5F);
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  float p = 1.0F / 5040;
  p = p * r + 1.0F / 720;
  p = p * r + 1.0F / 120;
  p = p * r + 1.0F / 24;
  p = p * r + 1.0F / 6;
  p = p * r + 0.5F;
  p = p * r + 1.0F;
  p = p * r + 1.0F;
  const std::int32_t bits = (static_cast<std::int32_t>(n) + 127) << 23;
  float scale = 0;
  std::memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}
TENBIN_INLINE float sigmoid_of(float x) { return 1.0F / (1.0F + exponential(-x)); }
TENBIN_INLINE float tanh_of(float x) { return 2.0F / (1.0F + exponential(-2.0F * x)) - 1.0F; }

}  // namespace

void error_function(float* dst, const float* src, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) dst[i] = std::erf(src[i]);
}

TENBIN_SIMD void error_function_backward(float* diff_src, const float* diff_dst, const float* src,
                                         std::int64_t count) {
  constexpr float kSlope = 1.12837917F;  // 2 / sqrt(pi)
  for (std::int64_t i = 0; i < count; ++i) {
    diff_src[i] = diff_dst[i] * kSlope * exponential(-src[i] * src[i]);
  }
}

TENBIN_SIMD void lstm_cell(const CellSize& size, float* gates, const float* cell_before,
                           float* cell, float* hidden) {
  const std::int64_t units = size.units;
  for (std::int64_t row = 0; row < size.batch; ++row) {
    float* __restrict g = gates + row * 4 * units;
    const float* before = cell_before == nullptr ? nullptr : cell_before + row * units;
    float* __restrict c = cell + row * units;
    float* __restrict h = hidden + row * units;
    for (std::int64_t k = 0; k < 3 * units; ++k) g[k] = sigmoid_of(g[k]);
    for (std::int64_t k = 3 * units; k < 4 * units; ++k) g[k] = tanh_of(g[k]);
    const float* in = g;
    const float *out = g + units, *forget = g + 2 * units, *fresh = g + 3 * units;
    for (std::int64_t k = 0; k < units; ++k) c[k] = in[k] * fresh[k];
    if (before != nullptr) {
      for (std::int64_t k = 0; k < units; ++k) c[k] += forget[k] * before[k];
    }
    for (std::int64_t k = 0; k < units; ++k) h[k] = out[k] * tanh_of(c[k]);
  }
}

TENBIN_SIMD void lstm_cell_backward(const CellSize& size, float* gates, const float* cell_before,
                                    const float* cell, const float* diff_hidden, float* diff_cell) {
  const std::int64_t units = size.units;
  for (std::int64_t row = 0; row < size.batch; ++row) {
    float* g = gates + row * 4 * units;
    const float* before = cell_before == nullptr ? nullptr : cell_before + row * units;
    const float *c = cell + row * units, *dh = diff_hidden + row * units;
    float* dc = diff_cell + row * units;
    for (std::int64_t k = 0; k < units; ++k) {
      const float in = g[k], out = g[units + k], forget = g[2 * units + k];
      const float fresh = g[3 * units + k], bent = tanh_of(c[k]);
      const float old = before == nullptr ? 0.0F : before[k];
      const float d = dc[k] + dh[k] * out * (1 - bent * bent);
      g[k] = d * fresh * in * (1 - in);
      g[units + k] = dh[k] * bent * out * (1 - out);
      g[2 * units + k] = d * old * forget * (1 - forget);
      g[3 * units + k] = d * in * (1 - fresh * fresh);
      dc[k] = d * forget;
    }
  }
}

TENBIN_SIMD void gru_cell(const CellSize& size, float* sums, const float* recurrent,
                          const float* before, float* hidden) {
  const std::int64_t units = size.units;
  for (std::int64_t row = 0; row < size.batch; ++row) {
    float* __restrict g = sums + row * 3 * units;
    const float* r = recurrent + row * 3 * units;
    float* __restrict h = hidden + row * units;
    for (std::int64_t k = 0; k < 2 * units; ++k) g[k] = sigmoid_of(g[k] + r[k]);
    for (std::int64_t k = 0; k < units; ++k) {
      g[2 * units + k] = tanh_of(g[2 * units + k] + g[units + k] * r[2 * units + k]);
    }
    for (std::int64_t k = 0; k < units; ++k) h[k] = (1 - g[k]) * g[2 * units + k];
    if (before == nullptr) continue;
    for (std::int64_t k = 0; k < units; ++k) h[k] += g[k] * before[row * units + k];
  }
}

TENBIN_SIMD void gru_cell_backward(const CellSize& size, float* gates, float* recurrent,
                                   const float* before, float* diff_hidden) {
  const std::int64_t units = size.units;
  for (std::int64_t row = 0; row < size.batch; ++row) {
    float *g = gates + row * 3 * units, *r = recurrent + row * 3 * units;
    float* dh = diff_hidden + row * units;
    for (std::int64_t k = 0; k < units; ++k) {
      const float update = g[k], reset = g[units + k], fresh = g[2 * units + k];
      const float old = before == nullptr ? 0.0F : before[row * units + k];
      const float inner = dh[k] * (1 - update) * (1 - fresh * fresh);
      const float by_update = dh[k] * (old - fresh) * update * (1 - update);
      const float by_reset = inner * r[2 * units + k] * reset * (1 - reset);
      g[k] = r[k] = by_update;
      g[units + k] = r[units + k] = by_reset;
      g[2 * units + k] = inner;
      r[2 * units + k] = inner * reset;
      dh[k] *= update;
    }
  }
}

}  // namespace tenbin::kernels
