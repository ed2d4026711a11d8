// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// Kernels written with AVX-512 or AVX2 by hand: the build is for the baseline, so each carries its
// target, and its caller has asked the CPU.
#if defined(__x86_64__)
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the deliberately undefined operand inside its own intrinsics for a mistake of ours.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#define TENBIN_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma")))
#define TENBIN_AVX2 __attribute__((target("avx2,fma")))
#endif

// Plain loops compiled for AVX-512, AVX2 and the baseline, chosen at run time.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define TENBIN_SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define TENBIN_SIMD
#endif

namespace tenbin::kernels {

// A float without its lower half, as the layers of a bfloat16 plan exchange it.
struct Bfloat16 {
  std::uint16_t bits = 0;
};

#ifdef TENBIN_AVX512
TENBIN_AVX512 inline __m512 load_16(const float* from) { return _mm512_loadu_ps(from); }
TENBIN_AVX512 inline __m512 load_16(const Bfloat16* from) {
  const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}
TENBIN_AVX512 inline void store_16(float* to, __m512 values) { _mm512_storeu_ps(to, values); }
// To nearest, ties to even; NaN stays NaN.
TENBIN_AVX512 inline void store_16(Bfloat16* to, __m512 values) {
  const __m512i bits = _mm512_castps_si512(values);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i half = _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF));
  const __m512i near = _mm512_srli_epi32(_mm512_add_epi32(bits, half), 16);
  const __mmask16 nan = _mm512_cmp_ps_mask(values, values, _CMP_UNORD_Q);
  const __m512i whole = _mm512_mask_mov_epi32(near, nan, _mm512_set1_epi32(0x7FC0));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtepi32_epi16(whole));
}
#endif

// Whether the processor, and the build, have what TENBIN_AVX2 or TENBIN_AVX512 names.
inline bool has_avx2() {
#ifdef TENBIN_AVX2
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}
inline bool has_avx512() {
#ifdef TENBIN_AVX512
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#else
  return false;
#endif
}

}  // namespace tenbin::kernels
