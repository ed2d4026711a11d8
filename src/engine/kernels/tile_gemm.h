// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

namespace tenbin::kernels {

// Products of rows that lie anywhere with weights that were packed once, on AVX2: convolutions in
// blocks of eight channels, dense layers, recurrent layers. A row of the source is a place; from
// there its values lie at the offsets of `eights` (eight neighbours each) and `ones`, in the order
// in which the weights were packed.
struct TileGemm {
  static constexpr std::int64_t kBlock = 8, kGroup = 16;  // outputs

  std::int64_t out = 0;         // outputs of a row
  std::int64_t block_step = 8;  // from a block of eight outputs to the next, in floats
  std::vector<std::int64_t> eights, ones;
  bool adds = false;          // to what the results hold
  bool relu = false;          // NaN stays NaN
  bool whole_blocks = false;  // the last block of a row has room for eight outputs

  std::int64_t in() const { return 8 * std::ssize(eights) + std::ssize(ones); }
  std::int64_t packed_floats() const { return (out + kBlock - 1) / kBlock * kBlock * (in() + 1); }
};

// Weight of output o and value i (in the order of the offsets): weights[o * out_step + i *
// in_step], zero behind the last of each. `bias`: [out], or empty. `packed`: packed_floats().
void pack_tile_weights(const TileGemm& gemm, std::span<const float> weights, std::int64_t out_step,
                       std::int64_t in_step, std::span<const float> bias, std::span<float> packed);

// For each i of [0, rows): the results of the row at src + src_at[i] go to dst + dst_at[i]. Needs
// AVX2 and FMA: the caller asks the CPU first.
void tile_gemm(const TileGemm& gemm, const float* src, const std::int64_t* src_at, float* dst,
               const std::int64_t* dst_at, std::int64_t rows, const float* packed);

}  // namespace tenbin::kernels
