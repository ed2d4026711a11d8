// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/tile_dense.h"

#include <algorithm>

namespace tenbin::kernels {

TileDense::TileDense(const Size& size, bool relu, bool adds) : size_(size) {
  constexpr std::int64_t kSourceFloats = 1 << 15;  // stay in the second cache
  constexpr std::int64_t kFewestRows = 48;         // that repay reading all weights
  gemm_.out = size.out;
  gemm_.relu = relu;
  gemm_.adds = adds;
  for (std::int64_t i = 0; i < size.in;) {
    const bool whole = i + TileGemm::kBlock <= size.in;
    (whole ? gemm_.eights : gemm_.ones).push_back(i);
    i += whole ? TileGemm::kBlock : 1;
  }
  const std::int64_t some = kSourceFloats / std::max<std::int64_t>(size.in, 1);
  band_ = std::min(size.rows, std::max(kFewestRows, some));
  for (std::int64_t row = 0; row < band_; ++row) {
    src_at_.push_back(row * size.in);
    dst_at_.push_back(row * size.out);
  }
}

std::vector<float> TileDense::pack(std::span<const float> weights, std::int64_t out_step,
                                   std::int64_t in_step, std::span<const float> bias) const {
  std::vector<float> packed(static_cast<std::size_t>(gemm_.packed_floats()));
  pack_tile_weights(gemm_, weights, out_step, in_step, bias, packed);
  return packed;
}

void TileDense::run(const float* src, const float* packed, float* dst, std::int64_t rows) const {
  for (std::int64_t row = 0; row < rows; row += band_) {
    tile_gemm(gemm_, src + row * size_.in, src_at_.data(), dst + row * size_.out, dst_at_.data(),
              std::min(band_, rows - row), packed);
  }
}

}  // namespace tenbin::kernels
