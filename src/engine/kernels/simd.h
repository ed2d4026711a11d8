// SPDX-License-Identifier: Apache-2.0
#pragma once

// Kernels written with AVX-512 by hand: the build is for the baseline, so each carries its target,
// and its caller has asked the CPU.
#if defined(__x86_64__)
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the deliberately undefined operand inside its own intrinsics for a mistake of ours.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#define TENBIN_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma")))
#endif

namespace tenbin::kernels {

// Whether the processor, and the build, have what TENBIN_AVX512 names.
inline bool has_avx512() {
#ifdef TENBIN_AVX512
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#else
  return false;
#endif
}

}  // namespace tenbin::kernels
