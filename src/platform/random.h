// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace tenbin {

// Counter-based random numbers (Philox 4x32-10, Salmon et al. 2011): a value depends on
// (seed, stream, index) alone, so any part can be drawn again, in any order, on any thread.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  std::uint64_t next();                          // 64 uniform bits
  double uniform();                              // [0, 1)
  double normal();                               // mean 0, variance 1
  std::uint64_t below(std::uint64_t bound);      // [0, bound), unbiased; bound > 0
  void shuffle(std::span<std::int64_t> values);  // Fisher-Yates

  std::uint64_t position() const { return index_; }
  void seek(std::uint64_t index) { index_ = index; }

 private:
  std::uint64_t seed_, stream_, index_ = 0;
};

// The four words of Philox 4x32-10 for a counter and a key.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key);

}  // namespace tenbin
