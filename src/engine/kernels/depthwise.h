// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tenbin::kernels {

// A depthwise convolution over activations in blocks of sixteen channels [batch, blocks, height,
// width, 16], weights [blocks, kernel height, kernel width, 16].
struct Depthwise {
  std::int64_t batch = 0, blocks = 0;
  std::int64_t height = 0, width = 0, out_height = 0, out_width = 0;
  std::int64_t kernel_height = 0, kernel_width = 0;
  std::int64_t stride_y = 1, stride_x = 1, top = 0, left = 0;
};

// The gradient of the weights. For planes so small that padding is a good part of them.
void depthwise_gradient(const Depthwise& shape, const float* src, const float* diff_dst,
                        float* diff_weights);

}  // namespace tenbin::kernels
