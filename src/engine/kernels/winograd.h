// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tenbin::kernels {

// Convolution 3x3 with stride 1 by Winograd's F(4x4, 3x3) (Lavin and Gray 2016, arXiv 1509.09308):
// 36 products of matrices give 16 results a tile where the direct way takes 144. A block of tiles
// goes through all its stages before the next, so that what lies between stays in the second cache.
// Activations in blocks of 16 channels (nChw16c), in and out multiples of 16; weights
// [3, 3, in, out] (oneDNN's hwio). All need AVX-512 (F, BW, VL, DQ); winograd_tiles.h has the way
// of AVX2.
struct Winograd {
  std::int64_t batch = 0, in = 16, out = 16, height = 0, width = 0;
  std::int64_t top = 1, left = 1, bottom = 1, right = 1;  // padding, 0 to 2

  std::int64_t out_height() const { return height + top + bottom - 2; }
  std::int64_t out_width() const { return width + left + right - 2; }
  std::int64_t tile_rows() const { return (out_height() + 3) / 4; }
  std::int64_t tile_columns() const { return (out_width() + 3) / 4; }
  std::int64_t tiles() const { return batch * tile_rows() * tile_columns(); }
  std::int64_t weight_floats() const { return 36 * in * out; }
  // Whether it beats the direct way: fewer products, but four times the bytes of weights, which a
  // few tiles do not repay where they come from outside the core's own cache.
  bool pays() const;
  // Tiles that go through the stages together; floats that their sources take between the stages,
  // and their results too.
  std::int64_t tiles_together() const;
  std::int64_t source_floats() const;
  std::int64_t block_floats() const;
  static constexpr std::int64_t kPoints = 36;
  // Between the matrices of two points: not a power of two, or all 36 would fall into few sets of
  // the cache.
  static std::int64_t point_step(std::int64_t tiles, std::int64_t channels) {
    return tiles * channels + 16;
  }
  // Between the stages, for the threads that a kernel called from here would use.
  std::int64_t workspace_floats() const;
  std::int64_t gradient_workspace_floats() const;  // of one thread
  // The convolution that takes the gradient of the results to that of the source.
  Winograd backward() const;
};

// Weights as the products want them: [36, in, out], or for shape.backward() from the weights of
// `shape`: turned round, in and out exchanged. `turned`: 9 * in * out floats of scratch.
void winograd_weights(const Winograd& shape, const float* weights, float* packed);
void winograd_weights_backward(const Winograd& shape, const float* weights, float* turned,
                               float* packed);
// dst = conv(src) + bias (may be null), clamped at 0 when `relu`.
void winograd(const Winograd& shape, const float* src, const float* packed, const float* bias,
              bool relu, float* workspace, float* dst);
// Gradients of weights, laid out like them, and of the bias (may be null).
void winograd_gradient(const Winograd& shape, const float* src, const float* diff_dst,
                       float* workspace, float* diff_weights, float* diff_bias);

}  // namespace tenbin::kernels
