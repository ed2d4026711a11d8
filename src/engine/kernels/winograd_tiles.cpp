// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/winograd_tiles.h"

#include <algorithm>

#include "engine/kernels/simd.h"

namespace tenbin::kernels {

WinogradTiles::WinogradTiles(const Winograd& shape, bool relu)
    : shape_(shape), relu_(relu), product_({shape.tiles_together(), shape.in, shape.out}, false) {}

#ifdef TENBIN_AVX2
namespace {

using Lanes = __m256;
constexpr std::int64_t kLanes = 8, kPoints = Winograd::kPoints;
#define TENBIN_LANES(operation) _mm256_##operation
#define TENBIN_LANES_TARGET TENBIN_AVX2
#include "engine/kernels/winograd_stages.h"

}  // namespace

std::vector<float> WinogradTiles::pack(const float* weights) const {
  const auto plane = static_cast<std::size_t>(shape_.in * shape_.out);
  std::vector<float> points(static_cast<std::size_t>(kPoints) * plane), packed;
  transform_all_weights(shape_, weights, points.data());
  packed.reserve(static_cast<std::size_t>(kPoints * product_.packed_floats()));
  for (std::size_t p = 0; p < static_cast<std::size_t>(kPoints); ++p) {
    const auto one = product_.pack(std::span(points).subspan(p * plane, plane), 1, shape_.out, {});
    packed.insert(packed.end(), one.begin(), one.end());
  }
  return packed;
}

void WinogradTiles::run(const float* src, const float* packed, const float* bias, float* workspace,
                        float* dst) const {
  const std::int64_t together = shape_.tiles_together(), all = shape_.tiles();
  float* const v = workspace;
  float* const m = v + shape_.source_floats();
  for (std::int64_t first = 0; first < all; first += together) {
    const std::int64_t count = std::min(together, all - first);
    take_sources(shape_, src, first, count, v);
    for (std::int64_t p = 0; p < kPoints; ++p) {
      product_.run(v + p * Winograd::point_step(count, shape_.in),
                   packed + p * product_.packed_floats(),
                   m + p * Winograd::point_step(count, shape_.out), count);
    }
    give_results(shape_, m, first, count, bias, relu_, dst);
  }
}

#else  // another processor: never called
std::vector<float> WinogradTiles::pack(const float*) const { return {}; }
void WinogradTiles::run(const float*, const float*, const float*, float*, float*) const {}
#endif

}  // namespace tenbin::kernels
