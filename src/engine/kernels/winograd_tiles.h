// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engine/kernels/tile_dense.h"
#include "engine/kernels/winograd.h"

namespace tenbin::kernels {

// Winograd's convolution forwards with constant weights on AVX2: activations in blocks of 8
// channels (nChw8c), in and out multiples of 8.
class WinogradTiles {
 public:
  WinogradTiles(const Winograd& shape, bool relu);

  std::int64_t workspace_floats() const { return shape_.block_floats(); }
  // `weights` [3, 3, in, out].
  std::vector<float> pack(const float* weights) const;
  // `bias` [out] or null. Needs AVX2 and FMA.
  void run(const float* src, const float* packed, const float* bias, float* workspace,
           float* dst) const;

 private:
  Winograd shape_;
  bool relu_;
  TileDense product_;  // of one point: tiles [tiles, in] times weights [in, out]
};

}  // namespace tenbin::kernels
