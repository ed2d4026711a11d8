// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "engine/dnn/arena.h"

namespace tenbin::dnn {

// What the steps of a program do to the buffers of its arena.
struct StepTrace {
  struct Buffer {
    std::size_t bytes = 0;  // 0: not of the arena
    bool from_start = false, to_end = false;
  };
  std::vector<Buffer> buffers;
  std::vector<std::vector<int>> touched;      // by step; the first to touch a buffer writes it
  std::vector<std::pair<int, int>> rewrites;  // (step, buffer): it changes what lies there already
  int forward = 0;                            // steps [0, forward) may run twice
};

// Steps that run once more before step `before`, into buffers of their own.
struct RunAgain {
  int before = 0;
  std::vector<int> steps;
  std::vector<int> buffers;  // which then are read, from there on, instead of these
};

// A program in which less lies in the arena at once.
struct Recompute {
  std::vector<RunAgain> again;  // by `before`, ascending
  std::size_t most_alive = 0;   // [B]
  std::size_t touched = 0;      // [B] of the steps that run again: what it costs
};

// What to run twice so that at most `bytes` are alive at once, at the least cost; where that cannot
// be, so that it comes nearest. Segments of the forward steps keep only what later ones read, and
// run again before their backward steps (Chen et al., "Training deep nets with sublinear memory
// cost", 2016).
Recompute choose_recompute(const StepTrace& trace, std::size_t bytes);

// The steps in the order in which they run, some of them twice.
struct Turn {
  int step = 0;
  const RunAgain* again = nullptr;  // borrowed of the Recompute; null: for the first time
};
struct TurnList {
  std::vector<Turn> turns;
  std::vector<int> names;  // by old buffer: that of what a segment makes anew, or its own
  int buffers = 0;         // old and new
  // Which buffer a turn finds under the number of an old one.
  int buffer_at(const StepTrace& trace, const Turn& turn, int buffer) const;
};
TurnList turns_of(const StepTrace& trace, const Recompute& how);
std::vector<Lifetime> lifetimes_of(const StepTrace& trace, const TurnList& list);

}  // namespace tenbin::dnn
