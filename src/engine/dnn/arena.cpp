// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/arena.h"

#include <algorithm>

namespace tenbin::dnn {

Placement place_in_arena(const std::vector<Lifetime>& buffers) {
  Placement out;
  out.offsets.resize(buffers.size());
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    if (buffers[i].bytes > 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&buffers](std::size_t a, std::size_t b) {
    return buffers[a].bytes > buffers[b].bytes;
  });
  struct Placed {
    std::size_t begin, end, buffer;
  };
  std::vector<Placed> placed;  // by begin
  for (const std::size_t index : order) {
    const Lifetime& b = buffers[index];
    std::size_t at = 0;
    for (const Placed& other : placed) {
      const Lifetime& o = buffers[other.buffer];
      if (o.last < b.first || b.last < o.first) continue;
      if (at + b.bytes <= other.begin) break;
      at = std::max(at, other.end);
    }
    out.offsets[index] = at;
    const Placed mine{at, at + b.bytes, index};
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), mine,
                         [](const Placed& x, const Placed& y) { return x.begin < y.begin; }),
        mine);
    out.bytes = std::max(out.bytes, at + b.bytes);
  }
  return out;
}

std::size_t most_alive(const std::vector<Lifetime>& buffers) {
  int end = 0;
  for (const Lifetime& b : buffers) end = std::max(end, b.last);
  std::vector<std::size_t> begins(static_cast<std::size_t>(end) + 2);
  std::vector<std::size_t> ends = begins;
  for (const Lifetime& b : buffers) {
    begins[static_cast<std::size_t>(b.first)] += b.bytes;
    ends[static_cast<std::size_t>(b.last) + 1] += b.bytes;
  }
  std::size_t alive = 0, most = 0;
  for (std::size_t step = 0; step < begins.size(); ++step) {
    alive += begins[step];
    alive -= ends[step];
    most = std::max(most, alive);
  }
  return most;
}

}  // namespace tenbin::dnn
