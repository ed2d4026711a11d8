// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace tenbin::dnn {

// When a buffer is needed: from its first to its last step. No bytes: it lies elsewhere.
struct Lifetime {
  std::size_t bytes = 0;
  int first = 0, last = 0;
};

struct Placement {
  std::vector<std::size_t> offsets;  // [B] of each buffer
  std::size_t bytes = 0;             // of the arena
};

// Places buffers so that those alive at the same time do not overlap: largest first, each at the
// lowest gap that takes it.
Placement place_in_arena(const std::vector<Lifetime>& buffers);

// Largest sum of bytes alive at one step: no placement can be smaller.
std::size_t most_alive(const std::vector<Lifetime>& buffers);

}  // namespace tenbin::dnn
