// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "base/units.h"

namespace tenbin {

class Clock;
class FileSystem;

// What the metered work has used so far: the input of modelled sources.
struct Activity {
  Duration cpu{};           // CPU time, all threads, its children included; never falls
  std::int64_t memory = 0;  // resident now [B]
};

// Reads it on the sampling thread: no allocation, no lock on the good path.
class ActivityProbe {
 public:
  virtual ~ActivityProbe() = default;
  virtual Activity read() = 0;
};

// This process and its waited-for children. Resident memory from <proc>/self/statm.
std::unique_ptr<ActivityProbe> this_process(Clock& clock, FileSystem& files,
                                            const char* proc = "/proc");

}  // namespace tenbin
