// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/kernels/pool.h"

namespace tenbin::kernels {

// Batch normalisation (Ioffe and Szegedy 2015, arXiv 1502.03167) of activations in groups, with the
// ReLU after it in the same pass. T: float or Bfloat16; vectors [channels] are floats. All need
// AVX-512 (F, BW, VL, DQ).
struct Norm {
  std::int64_t batch = 0;
  Groups groups;
  std::int64_t pixels = 0;  // of an image
  float epsilon = 1e-5F;
  bool relu = false;
};
// What a norm does to one channel is y = x * scale + shift with
// scale = gamma / sqrt(variance + epsilon), shift = beta - mean * scale.
struct NormVectors {
  const float *gamma = nullptr, *beta = nullptr, *mean = nullptr, *variance = nullptr;
};

// Mean and variance of each channel over the batch.
template <class T>
void norm_statistics(const Norm& norm, const T* src, float* mean, float* variance);
template <class T> void norm_apply(const Norm& norm, const NormVectors& v, const T* src, T* dst);
// Gradients of gamma and beta, then of the source; may be in place over diff_dst. Whether the ReLU
// let a value through is found out again from the source.
template <class T>
void norm_backward(const Norm& norm, const NormVectors& v, const T* src, const T* diff_dst,
                   float* diff_gamma, float* diff_beta, T* diff_src);

}  // namespace tenbin::kernels
