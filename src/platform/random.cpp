// SPDX-License-Identifier: Apache-2.0
#include "platform/random.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace tenbin {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> c,
                                    std::array<std::uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(a)};
    k[0] += 0x9E3779B9;
    k[1] += 0xBB67AE85;
  }
  return c;
}

std::uint64_t Random::next() {
  // Two values a counter: the low bit of the index picks the half.
  const std::uint64_t counter = index_ >> 1;
  const auto words =
      philox({static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32),
              static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)},
             {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)});
  const std::size_t half = (index_ & 1) * 2;
  ++index_;
  return (std::uint64_t{words[half + 1]} << 32) | words[half];
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

double Random::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

__extension__ typedef unsigned __int128 Wide;

std::uint64_t Random::below(std::uint64_t bound) {
  const std::uint64_t most = -bound % bound;  // 2^64 mod bound: draws below it are biased
  while (true) {
    const auto product = static_cast<Wide>(next()) * bound;
    if (static_cast<std::uint64_t>(product) >= most) {
      return static_cast<std::uint64_t>(product >> 64);
    }
  }
}

void Random::shuffle(std::span<std::int64_t> values) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
}

}  // namespace tenbin
