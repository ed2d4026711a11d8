// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

class Clock;

struct LayerTiming {
  std::int64_t batch = 1;
  int threads = 1;
};

// Layers that take less time as floats than on 8-bit grids: both networks run in turns, watched
// step by step. What lies between two layers counts for the one before it, changes of type and
// layout for the one behind. `rows` [n, ...] as the networks read them; nodes have names. Errors:
// those of the sessions.
Result<std::set<std::string>> faster_in_floats(const Graph& floats, const Graph& on_grids,
                                               const Tensor& rows, const LayerTiming& timing,
                                               Clock& clock);

}  // namespace tenbin
