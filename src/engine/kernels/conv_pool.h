// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/kernels/pool.h"

namespace tenbin::kernels {

// The first stage of a network for images, as one pass: convolution of few channels with stride 1,
// bias, ReLU, and the maximum of 2x2. The plane of the convolution, which is the largest of the
// whole network, is never written.
//   src [batch, in, height, width] plain; weights [out / 16, kernel, kernel, in, 16]; bias [out];
//   dst [batch, out, rows(), columns()] in groups; places like dst, one byte each (pool.h).
// Sums are float; only what the next layer reads, and the gradient it gives, may be Bfloat16.
struct ConvPool {
  std::int64_t batch = 0, in = 1, height = 0, width = 0, out = 16;
  std::int64_t kernel_height = 3, kernel_width = 3;
  std::int64_t top = 0, left = 0, bottom = 0, right = 0;  // padding

  bool channels_last = false;  // of dst

  Groups groups() const { return {out / 16, channels_last}; }
  std::int64_t padded_height() const { return height + top + bottom; }
  std::int64_t padded_width() const { return width + left + right; }
  std::int64_t rows() const { return (padded_height() - kernel_height + 1) / 2; }
  std::int64_t columns() const { return (padded_width() - kernel_width + 1) / 2; }
  std::int64_t taps() const { return in * kernel_height * kernel_width; }
  std::int64_t gradient_floats() const { return out * (taps() + 1); }
  // For the threads that a kernel called from here would use.
  std::int64_t workspace_floats() const;
  // Whether the kernels take this size: an image with its padding stays in the first cache.
  bool fits() const;
};

// Both need AVX-512 (F, BW, VL, DQ). `bias` and `places` may be null.
template <class T>
void conv_pool(const ConvPool& shape, const float* src, const float* weights, const float* bias,
               T* dst, std::uint8_t* places);
// Gradients of weights and bias (may be null), laid out like them. `workspace`:
// workspace_floats().
template <class T>
void conv_pool_backward(const ConvPool& shape, const float* src, const T* diff_dst,
                        const std::uint8_t* places, float* workspace, float* diff_weights,
                        float* diff_bias);

}  // namespace tenbin::kernels
