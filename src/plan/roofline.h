// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.h"

namespace tenbin {

enum class PeakPrecision { kFloat32, kBfloat16, kInt8 };
const char* precision_name(PeakPrecision precision);

// A place that data comes from, and how fast.
struct MemoryLevel {
  std::string name;             // "L2", "L3", "memory"
  Bytes size;                   // that it holds; of the last level: not used
  double bytes_per_second = 0;  // read in order by all threads together
};

// What a machine can do at best, as measured on some number of threads.
struct Roofline {
  double float32 = 0;                    // operations a second; a multiply-accumulate is two
  std::optional<double> bfloat16, int8;  // nothing: the CPU has no such instruction
  std::vector<MemoryLevel> levels;       // nearest first; the last one holds everything

  // Of a precision; float's where the CPU lacks it. Operations a second.
  double peak(PeakPrecision precision) const;
  // The nearest level that holds so much.
  const MemoryLevel& level_of(Bytes size) const;
};

// What a piece of a network has to do.
struct Work {
  Macs macs;
  PeakPrecision precision = PeakPrecision::kFloat32;
  Bytes weights;      // read in each run
  Bytes activations;  // read and written
  Bytes model;        // all weights and the largest activations of the network: where weights rest
};

// The least time that the work can take: its arithmetic at the peak, or its bytes from the level
// that holds them, whichever is longer.
struct Floor {
  Duration compute{}, memory{};
  Duration least() const { return compute > memory ? compute : memory; }
  bool by_memory() const { return memory >= compute; }
};
Floor floor_of(const Work& work, const Roofline& roofline);

}  // namespace tenbin
