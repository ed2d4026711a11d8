// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/peak.h"

#include <array>
#include <cstdint>

#include "platform/tiles.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tenbin::kernels {
namespace {

constexpr int kChains = 12;  // latency 4, two ports: at least 8 independent sums

template <class T, std::size_t n> double total(const T (&values)[n]) {
  double sum = 0;
  for (const T value : values) sum += static_cast<double>(value);
  return sum;
}

double read_plain(const double* values, std::size_t count) {
  double sums[8] = {};
  for (std::size_t i = 0; i + 8 <= count; i += 8) {
    for (std::size_t j = 0; j < 8; ++j) sums[j] += values[i + j];
  }
  return total(sums);
}

double float32_plain(int rounds, double& sum) {
  float sums[kChains * 4] = {};
  for (int r = 0; r < rounds; ++r) {
    for (float& value : sums) value = value * 0.999F + 0.5F;
  }
  sum += total(sums);
  return 2.0 * rounds * kChains * 4;
}

#if defined(__x86_64__)

__attribute__((target("avx512f"))) double float32_512(int rounds, double& sum) {
  __m512 sums[kChains];
  for (__m512& value : sums) value = _mm512_setzero_ps();
  const __m512 factor = _mm512_set1_ps(0.999F), term = _mm512_set1_ps(0.5F);
  for (int r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = _mm512_fmadd_ps(sums[i], factor, term);
  }
  for (const __m512& value : sums) {
    float parts[16];
    _mm512_storeu_ps(parts, value);
    sum += total(parts);
  }
  return 2.0 * rounds * kChains * 16;
}

__attribute__((target("avx512f,avx512bf16"))) double bfloat16_512(int rounds, double& sum) {
  __m512 sums[kChains];
  for (__m512& value : sums) value = _mm512_setzero_ps();
  const __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.5F), _mm512_set1_ps(0.25F));
  for (int r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = _mm512_dpbf16_ps(sums[i], a, a);
  }
  for (const __m512& value : sums) {
    float parts[16];
    _mm512_storeu_ps(parts, value);
    sum += total(parts);
  }
  return 4.0 * rounds * kChains * 16;
}

__attribute__((target("avx512f,avx512vnni"))) double int8_512(int rounds, double& sum) {
  __m512i sums[kChains];
  for (__m512i& value : sums) value = _mm512_setzero_si512();
  const __m512i a = _mm512_set1_epi8(1);
  for (int r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = _mm512_dpbusd_epi32(sums[i], a, a);
  }
  for (const __m512i& value : sums) {
    std::int32_t parts[16];
    _mm512_storeu_si512(parts, value);
    sum += total(parts);
  }
  return 2.0 * rounds * kChains * 64;
}

// What `ldtilecfg` reads: all eight tiles of 16 rows of 64 bytes.
struct alignas(64) TileShapes {
  std::uint8_t palette = 1, start = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

__attribute__((target("amx-tile,amx-bf16"))) double bfloat16_tiles(int rounds, double& sum) {
  alignas(64) std::array<std::uint16_t, 512> halves;
  halves.fill(0x3F00);  // 0.5
  alignas(64) std::array<float, 256> result = {};
  const TileShapes shapes;
  _tile_loadconfig(&shapes);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_loadd(4, halves.data(), 64);
  _tile_loadd(5, halves.data(), 64);
  _tile_loadd(6, halves.data(), 64);
  _tile_loadd(7, halves.data(), 64);
  for (int r = 0; r < rounds; ++r) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, result.data(), 64);
  _tile_release();
  for (const float value : result) sum += static_cast<double>(value);
  return 4.0 * rounds * (16 * 16 * 32 * 2);
}

__attribute__((target("amx-tile,amx-int8"))) double int8_tiles(int rounds, double& sum) {
  alignas(64) std::array<std::uint8_t, 1024> ones;
  ones.fill(1);
  alignas(64) std::array<std::int32_t, 256> result = {};
  const TileShapes shapes;
  _tile_loadconfig(&shapes);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_loadd(4, ones.data(), 64);
  _tile_loadd(5, ones.data(), 64);
  _tile_loadd(6, ones.data(), 64);
  _tile_loadd(7, ones.data(), 64);
  for (int r = 0; r < rounds; ++r) {
    _tile_dpbuud(0, 4, 6);
    _tile_dpbuud(1, 4, 7);
    _tile_dpbuud(2, 5, 6);
    _tile_dpbuud(3, 5, 7);
  }
  _tile_stored(0, result.data(), 64);
  _tile_release();
  for (const std::int32_t value : result) sum += static_cast<double>(value);
  return 4.0 * rounds * (16 * 16 * 64 * 2);
}

__attribute__((target("avx512f"))) double read_512(const double* values, std::size_t count) {
  __m512d sums[4];
  for (__m512d& value : sums) value = _mm512_setzero_pd();
  for (std::size_t i = 0; i + 32 <= count; i += 32) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < 4; ++j) {
      sums[j] = _mm512_add_pd(sums[j], _mm512_loadu_pd(values + i + 8 * j));
    }
  }
  double parts[8];
  _mm512_storeu_pd(parts,
                   _mm512_add_pd(_mm512_add_pd(sums[0], sums[1]), _mm512_add_pd(sums[2], sums[3])));
  return total(parts);
}

__attribute__((target("avx2,fma"))) double float32_256(int rounds, double& sum) {
  __m256 sums[kChains];
  for (__m256& value : sums) value = _mm256_setzero_ps();
  const __m256 factor = _mm256_set1_ps(0.999F), term = _mm256_set1_ps(0.5F);
  for (int r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = _mm256_fmadd_ps(sums[i], factor, term);
  }
  for (const __m256& value : sums) {
    float parts[8];
    _mm256_storeu_ps(parts, value);
    sum += total(parts);
  }
  return 2.0 * rounds * kChains * 8;
}

#endif

}  // namespace

PeakKernels peak_kernels() {
  PeakKernels out{float32_plain, nullptr, nullptr, read_plain};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2")) out.float32 = float32_256;
  if (__builtin_cpu_supports("avx512f")) {
    out.float32 = float32_512;
    out.read = read_512;
    if (__builtin_cpu_supports("avx512bf16")) out.bfloat16 = bfloat16_512;
    if (__builtin_cpu_supports("avx512vnni")) out.int8 = int8_512;
  }
  if (use_matrix_tiles()) {
    out.bfloat16 = bfloat16_tiles;
    out.int8 = int8_tiles;
  }
#endif
  return out;
}

}  // namespace tenbin::kernels
