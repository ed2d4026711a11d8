// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "platform/random.h"

namespace tenbin::kernels {

// `count` normal values that the seed decides: what the tests of kernels read.
inline std::vector<float> normal(std::int64_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> out(static_cast<std::size_t>(count));
  for (float& x : out) x = static_cast<float>(random.normal());
  return out;
}

}  // namespace tenbin::kernels
