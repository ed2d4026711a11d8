// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/tile_gemm.h"

#include <algorithm>
#include <cassert>

#include "engine/kernels/simd.h"

namespace tenbin::kernels {
namespace {

constexpr std::int64_t kBlock = TileGemm::kBlock, kGroup = TileGemm::kGroup;

// Blocks of the last group: an odd number of them ends with one of three, or is one alone.
std::int64_t last_blocks(std::int64_t blocks) {
  if (blocks % 2 == 0) return 0;
  return blocks == 1 ? 1 : 3;
}

}  // namespace

void pack_tile_weights(const TileGemm& g, std::span<const float> weights, std::int64_t out_step,
                       std::int64_t in_step, std::span<const float> bias, std::span<float> packed) {
  assert(static_cast<std::int64_t>(packed.size()) == g.packed_floats());
  const std::int64_t blocks = (g.out + kBlock - 1) / kBlock, in = g.in();
  const std::int64_t last = last_blocks(blocks) * kBlock, pairs = blocks * kBlock - last;
  std::fill(packed.begin(), packed.end(), 0.0F);
  for (std::int64_t o = 0; o < g.out; ++o) {
    const std::int64_t group = o < pairs ? o / kGroup * kGroup : pairs;
    const std::int64_t width = o < pairs ? kGroup : last;
    float* const to = packed.data() + group * (in + 1) + o - group;
    if (!bias.empty()) to[0] = bias[static_cast<std::size_t>(o)];
    for (std::int64_t i = 0; i < in; ++i) {
      const auto at = static_cast<std::size_t>(o * out_step + i * in_step);
      if (at < weights.size()) to[(i + 1) * width] = weights[at];
    }
  }
}

#ifdef TENBIN_AVX2
namespace {

// Lanes of a last block that may be narrow.
TENBIN_AVX2 inline __m256i first_lanes(std::int64_t count) {
  const __m256i lanes = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lanes);
}

struct Rows {
  const float* src;
  const std::int64_t* src_at;
  float* dst;
  const std::int64_t* dst_at;
};

// Stores the sums of a tile whose results are `left` floats wide or more.
template <int rows, int vectors>
TENBIN_AVX2 inline void give(const TileGemm& g, const Rows& at, std::int64_t block,
                             std::int64_t left, __m256 (&sums)[rows][vectors]) {
  const bool whole = left >= 8 * vectors;
  const __m256i last = first_lanes(left - 8 * (vectors - 1));
  const __m256 floor = _mm256_set1_ps(g.relu ? 0.0F : -__builtin_inff());
#pragma GCC unroll 12
  for (int r = 0; r < rows; ++r) {
    float* const to = at.dst + at.dst_at[r] + block * g.block_step;
#pragma GCC unroll 12
    for (int v = 0; v < vectors; ++v) {
      float* const there = to + v * g.block_step;
      const bool masked = v == vectors - 1 && !whole;
      if (g.adds) {
        const __m256 held = masked ? _mm256_maskload_ps(there, last) : _mm256_loadu_ps(there);
        sums[r][v] = _mm256_add_ps(sums[r][v], held);
      }
      // The second operand is what a NaN leaves.
      sums[r][v] = _mm256_max_ps(floor, sums[r][v]);
      if (masked) {
        _mm256_maskstore_ps(there, last, sums[r][v]);
      } else {
        _mm256_storeu_ps(there, sums[r][v]);
      }
    }
  }
}

// Adds the products of one value of each row with its line of weights, `w`.
template <int blocks, int rows, int vectors>
TENBIN_AVX2 inline void add_value(const float* const (&from)[rows], std::int64_t offset,
                                  const float* w, std::int64_t group_step,
                                  __m256 (&sums)[rows][vectors]) {
  __m256 line[vectors];
#pragma GCC unroll 12
  for (int v = 0; v < vectors; ++v) {
    line[v] = _mm256_loadu_ps(w + v / blocks * group_step + v % blocks * 8);
  }
#pragma GCC unroll 12
  for (int r = 0; r < rows; ++r) {
    const __m256 value = _mm256_broadcast_ss(from[r] + offset);
#pragma GCC unroll 12
    for (int v = 0; v < vectors; ++v) sums[r][v] = _mm256_fmadd_ps(value, line[v], sums[r][v]);
  }
}

// A tile of `rows` x `groups` groups of `blocks` blocks, whose first block is `block`.
template <int rows, int groups, int blocks>
TENBIN_AVX2 void tile(const TileGemm& g, const Rows& at, const float* packed, std::int64_t block) {
  constexpr int kVectors = groups * blocks, kWidth = 8 * blocks;
  const std::int64_t group_step = (g.in() + 1) * kWidth;
  __m256 sums[rows][kVectors];
#pragma GCC unroll 12
  for (int v = 0; v < kVectors; ++v) {
    const __m256 bias = _mm256_loadu_ps(packed + v / blocks * group_step + v % blocks * 8);
#pragma GCC unroll 12
    for (int r = 0; r < rows; ++r) sums[r][v] = bias;
  }
  const float* from[rows];
#pragma GCC unroll 12
  for (int r = 0; r < rows; ++r) from[r] = at.src + at.src_at[r];
  const float* w = packed + kWidth;
  for (const std::int64_t offset : g.eights) {
#pragma GCC unroll 8
    for (int c = 0; c < 8; ++c, w += kWidth)
      add_value<blocks>(from, offset + c, w, group_step, sums);
  }
  for (const std::int64_t offset : g.ones) {
    add_value<blocks>(from, offset, w, group_step, sums);
    w += kWidth;
  }
  const std::int64_t left = g.whole_blocks ? 8 * kVectors : g.out - 8 * block;
  give<rows, kVectors>(g, at, block, left, sums);
}

using Tile = decltype(&tile<1, 1, 1>);
// Few rows take several groups at once: a sum waits for its own last addition.
constexpr std::int64_t kMostRows = 6, kMostRowsNarrow = 8, kMostRowsWide = 4;
constexpr std::int64_t kGroupsOf[] = {4, 3, 2};
constexpr Tile kSeveral[] = {tile<1, 4, 2>, tile<2, 3, 2>, tile<3, 2, 2>};
constexpr Tile kOne[] = {tile<1, 1, 2>, tile<2, 1, 2>, tile<3, 1, 2>,
                         tile<4, 1, 2>, tile<5, 1, 2>, tile<6, 1, 2>};
constexpr Tile kNarrow[] = {tile<1, 1, 1>, tile<2, 1, 1>, tile<3, 1, 1>, tile<4, 1, 1>,
                            tile<5, 1, 1>, tile<6, 1, 1>, tile<7, 1, 1>, tile<8, 1, 1>};
constexpr Tile kWide[] = {tile<1, 1, 3>, tile<2, 1, 3>, tile<3, 1, 3>, tile<4, 1, 3>};

// Calls f(first row, rows) for tiles of at most `most` rows and of nearly one size.
template <class F> void in_tiles(std::int64_t rows, std::int64_t most, F&& f) {
  const std::int64_t tiles = (rows + most - 1) / most;
  for (std::int64_t t = 0; t < tiles; ++t) {
    const std::int64_t first = rows * t / tiles;
    f(first, rows * (t + 1) / tiles - first);
  }
}

}  // namespace

void tile_gemm(const TileGemm& g, const float* src, const std::int64_t* src_at, float* dst,
               const std::int64_t* dst_at, std::int64_t rows, const float* packed) {
  const std::int64_t blocks = (g.out + kBlock - 1) / kBlock, last = last_blocks(blocks);
  const std::int64_t groups = (blocks - last) / 2;
  const std::int64_t group_floats = (g.in() + 1) * kGroup;
  const auto part = [&](std::int64_t first) {
    return Rows{src, src_at + first, dst, dst_at + first};
  };
  // The weights of a few groups stay in the first caches while all rows pass.
  const std::int64_t together = rows > std::ssize(kGroupsOf) ? 1 : kGroupsOf[rows - 1];
  std::int64_t group = 0;
  for (; group + together <= groups && rows > 0; group += together) {
    const float* const weights = packed + group * group_floats;
    in_tiles(rows, kMostRows, [&](std::int64_t first, std::int64_t count) {
      (together > 1 ? kSeveral : kOne)[count - 1](g, part(first), weights, 2 * group);
    });
  }
  for (; group < groups; ++group) {
    in_tiles(rows, kMostRows, [&](std::int64_t first, std::int64_t count) {
      kOne[count - 1](g, part(first), packed + group * group_floats, 2 * group);
    });
  }
  if (last == 0) return;
  in_tiles(rows, last == 1 ? kMostRowsNarrow : kMostRowsWide,
           [&](std::int64_t first, std::int64_t count) {
             (last == 1 ? kNarrow : kWide)[count - 1](
                 g, part(first), packed + groups * group_floats, blocks - last);
           });
}

#else  // another processor: never called
void tile_gemm(const TileGemm&, const float*, const std::int64_t*, float*, const std::int64_t*,
               std::int64_t, const float*) {}
#endif

}  // namespace tenbin::kernels
