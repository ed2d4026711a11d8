// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/tile_gemm.h"

namespace tenbin::kernels {

// Rows [rows, in], side by side, times constant weights: a dense layer, or the products of a
// recurrent one. Needs AVX2 and FMA.
class TileDense {
 public:
  struct Size {
    std::int64_t rows = 0, in = 0, out = 0;
  };
  // `adds`: to what the results hold.
  TileDense(const Size& size, bool relu, bool adds = false);

  // Weight of output o and input i: weights[o * out_step + i * in_step]. `bias`: [out], or empty.
  std::vector<float> pack(std::span<const float> weights, std::int64_t out_step,
                          std::int64_t in_step, std::span<const float> bias) const;
  std::int64_t packed_floats() const { return gemm_.packed_floats(); }
  void run(const float* src, const float* packed, float* dst) const {
    run(src, packed, dst, size_.rows);
  }
  // The first `rows` of them alone.
  void run(const float* src, const float* packed, float* dst, std::int64_t rows) const;

 private:
  Size size_;
  TileGemm gemm_;
  std::int64_t band_ = 1;                      // rows that pass together
  std::vector<std::int64_t> src_at_, dst_at_;  // of the rows of a band
};

}  // namespace tenbin::kernels
