// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/winograd.h"

#include <algorithm>

#include "engine/kernels/parallel.h"
#include "engine/kernels/simd.h"
#include "engine/kernels/small_gemm.h"

namespace tenbin::kernels {
namespace {

constexpr std::int64_t kBlockFloats = 1 << 17;  // between the stages: half a MiB
constexpr std::int64_t kFewestTiles = 16, kMostTiles = 96;

}  // namespace

std::int64_t Winograd::tiles_together() const {
  const std::int64_t some = kBlockFloats / (kPoints * (in + out)) / 8 * 8;
  return std::min(tiles(), std::clamp(some, kFewestTiles, kMostTiles));
}
std::int64_t Winograd::source_floats() const { return kPoints * point_step(tiles_together(), in); }
std::int64_t Winograd::block_floats() const {
  return source_floats() + kPoints * point_step(tiles_together(), out);
}

// A model, for the comparison alone: products at the rate that both ways reach on ordinary layers,
// weights beyond the second cache at a rate between the third's and the memory's.
bool Winograd::pays() const {
  constexpr double kProducts = 5e10;  // a second
  constexpr double kBytes = 2e10;     // a second
  constexpr double kOwnCache = 1 << 20;
  const auto seconds = [&](double products, double weights) {
    const double bytes = weights * sizeof(float);
    return products / kProducts + (bytes > kOwnCache ? bytes / kBytes : 0);
  };
  const auto plane = static_cast<double>(in * out);
  const auto pixels = static_cast<double>(batch * out_height() * out_width());
  const double direct = seconds(9 * plane * pixels, 9 * plane);
  return seconds(36 * plane * static_cast<double>(tiles()), 36 * plane) < direct;
}

std::int64_t Winograd::workspace_floats() const { return block_floats() * threads_now(); }
std::int64_t Winograd::gradient_workspace_floats() const {
  return block_floats() + weight_floats();
}

Winograd Winograd::backward() const {
  return {batch, out, in, out_height(), out_width(), 2 - top, 2 - left, 2 - bottom, 2 - right};
}

#ifdef TENBIN_AVX512
namespace {

using Lanes = __m512;
constexpr std::int64_t kLanes = 16, kPoints = Winograd::kPoints;
#define TENBIN_LANES(operation) _mm512_##operation
#define TENBIN_LANES_TARGET TENBIN_AVX512
#include "engine/kernels/winograd_stages.h"

// The transpose of transform_result: four gradients of results to six of products.
TENBIN_AVX512 inline void transform_gradient(__m512* y, std::int64_t step) {
  const __m512 two = _mm512_set1_ps(2), four = _mm512_set1_ps(4);
  const __m512 y0 = y[0], y1 = y[step], y2 = y[2 * step], y3 = y[3 * step];
  const __m512 even = _mm512_add_ps(y0, y2), odd = _mm512_add_ps(y1, y3);
  const __m512 far_even = _mm512_fmadd_ps(four, y2, y0);
  const __m512 far_odd = _mm512_mul_ps(two, _mm512_fmadd_ps(four, y3, y1));
  y[step] = _mm512_add_ps(even, odd);
  y[2 * step] = _mm512_sub_ps(even, odd);
  y[3 * step] = _mm512_add_ps(far_even, far_odd);
  y[4 * step] = _mm512_sub_ps(far_even, far_odd);
  y[5 * step] = y3;
}

// The transpose of transform_weights: six gradients of products to three of weights.
TENBIN_AVX512 inline void transform_weights_back(__m512* u, std::int64_t step) {
  const __m512 sixth = _mm512_set1_ps(1.0F / 6), twelfth = _mm512_set1_ps(1.0F / 12);
  const __m512 near_sum = _mm512_mul_ps(sixth, _mm512_add_ps(u[step], u[2 * step]));
  const __m512 near_difference = _mm512_sub_ps(u[2 * step], u[step]);
  const __m512 far_sum = _mm512_add_ps(u[3 * step], u[4 * step]);
  const __m512 far_difference = _mm512_sub_ps(u[3 * step], u[4 * step]);
  const __m512 first = _mm512_fmadd_ps(_mm512_set1_ps(1.0F / 24), far_sum,
                                       _mm512_mul_ps(_mm512_set1_ps(0.25F), u[0]));
  u[0] = _mm512_sub_ps(first, near_sum);
  u[2 * step] = _mm512_add_ps(_mm512_sub_ps(_mm512_mul_ps(sixth, far_sum), near_sum), u[5 * step]);
  u[step] = _mm512_fmadd_ps(sixth, near_difference, _mm512_mul_ps(twelfth, far_difference));
}

// dM[point, tile, out] of tiles [first, first + count); adds the gradients up into diff_bias.
TENBIN_AVX512 void take_gradients(const Winograd& s, const float* diff_dst, std::int64_t first,
                                  std::int64_t count, float* m, float* diff_bias) {
  const std::int64_t groups = s.out / kLanes, height = s.out_height(), width = s.out_width();
  const std::int64_t step = Winograd::point_step(count, s.out);
  for (std::int64_t group = 0; group < groups; ++group) {
    __m512 bias =
        diff_bias == nullptr ? _mm512_setzero_ps() : _mm512_loadu_ps(diff_bias + group * kLanes);
    for (std::int64_t t = 0; t < count; ++t) {
      const Tile tile(s, first + t);
      const float* from =
          diff_dst + (((tile.image * groups + group) * height + tile.y) * width + tile.x) * kLanes;
      __m512 rows[4][6];
      for (std::int64_t y = 0; y < 4; ++y) {
        __m512 g[6];
        for (std::int64_t x = 0; x < 4; ++x) {
          const bool there = tile.y + y < height && tile.x + x < width;
          g[x] = there ? _mm512_loadu_ps(from + (y * width + x) * kLanes) : _mm512_setzero_ps();
          bias = _mm512_add_ps(bias, g[x]);
        }
        transform_gradient(g, 1);
        for (int x = 0; x < 6; ++x) rows[y][x] = g[x];
      }
      float* const to = m + t * s.out + group * kLanes;
      for (int x = 0; x < 6; ++x) {
        __m512 g[6];
        for (int y = 0; y < 4; ++y) g[y] = rows[y][x];
        transform_gradient(g, 1);
        for (int y = 0; y < 6; ++y) _mm512_storeu_ps(to + (y * 6 + x) * step, g[y]);
      }
    }
    if (diff_bias != nullptr) _mm512_storeu_ps(diff_bias + group * kLanes, bias);
  }
}

}  // namespace

void winograd_weights(const Winograd& s, const float* weights, float* packed) {
  transform_all_weights(s, weights, packed);
}

void winograd_weights_backward(const Winograd& s, const float* weights, float* turned,
                               float* packed) {
  for (std::int64_t tap = 0; tap < 9; ++tap) {
    const float* from = weights + tap * s.in * s.out;
    float* to = turned + (8 - tap) * s.in * s.out;
    for (std::int64_t i = 0; i < s.in; ++i) {
      for (std::int64_t o = 0; o < s.out; ++o) to[o * s.in + i] = from[i * s.out + o];
    }
  }
  winograd_weights(s.backward(), turned, packed);
}

void winograd(const Winograd& s, const float* src, const float* packed, const float* bias,
              bool relu, float* workspace, float* dst) {
  const std::int64_t block = s.tiles_together();
  const std::int64_t blocks = (s.tiles() + block - 1) / block;
  in_parallel(blocks, 1, [&](std::int64_t begin, std::int64_t end, int part) {
    float* const v = workspace + part * s.block_floats();
    float* const m = v + s.source_floats();
    for (std::int64_t b = begin; b < end; ++b) {
      const std::int64_t first = b * block, count = std::min(block, s.tiles() - first);
      take_sources(s, src, first, count, v);
      for (std::int64_t p = 0; p < kPoints; ++p) {
        const SmallGemm product{count, s.out, s.in, s.in, 1};
        small_gemm(product, v + p * Winograd::point_step(count, s.in), packed + p * s.in * s.out,
                   m + p * Winograd::point_step(count, s.out));
      }
      give_results(s, m, first, count, bias, relu, dst);
    }
  });
}

TENBIN_AVX512 void winograd_gradient(const Winograd& s, const float* src, const float* diff_dst,
                                     float* workspace, float* diff_weights, float* diff_bias) {
  const std::int64_t block = s.tiles_together(), plane = s.in * s.out;
  float* const v = workspace;
  float* const m = v + s.source_floats();
  float* const sums = workspace + s.block_floats();
  if (diff_bias != nullptr) std::fill_n(diff_bias, s.out, 0.0F);
  for (std::int64_t first = 0; first < s.tiles(); first += block) {
    const std::int64_t count = std::min(block, s.tiles() - first);
    take_sources(s, src, first, count, v);
    take_gradients(s, diff_dst, first, count, m, diff_bias);
    for (std::int64_t p = 0; p < kPoints; ++p) {
      const SmallGemm product{s.in, s.out, count, 1, s.in, first > 0};
      small_gemm(product, v + p * Winograd::point_step(count, s.in),
                 m + p * Winograd::point_step(count, s.out), sums + p * plane);
    }
  }
  for (std::int64_t at = 0; at < plane; at += kLanes) {
    __m512 u[kPoints];
    for (std::int64_t p = 0; p < kPoints; ++p) u[p] = _mm512_loadu_ps(sums + p * plane + at);
    for (int x = 0; x < 6; ++x) transform_weights_back(u + x, 6);
    for (std::int64_t y = 0; y < 3; ++y) transform_weights_back(u + 6 * y, 1);
    for (std::int64_t tap = 0; tap < 9; ++tap) {
      _mm512_storeu_ps(diff_weights + tap * plane + at, u[tap / 3 * 6 + tap % 3]);
    }
  }
}

#else  // another processor: never called
void winograd_weights(const Winograd&, const float*, float*) {}
void winograd_weights_backward(const Winograd&, const float*, float*, float*) {}
void winograd(const Winograd&, const float*, const float*, const float*, bool, float*, float*) {}
void winograd_gradient(const Winograd&, const float*, const float*, float*, float*, float*) {}
#endif

}  // namespace tenbin::kernels
