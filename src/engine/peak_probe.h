// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace tenbin {

// What the machine could do at best in this moment.
enum class PeakKind {
  kFloat32,   // fused multiply-adds, operations a second
  kBfloat16,  // bf16 products summed in float, by tiles (AMX) if there are; operations a second
  kInt8,      // eight-bit products summed in 32 bit, by tiles if there are; operations a second
  kMemory,    // reading a working set in order again and again, bytes a second
};

struct Peak {
  double by_wall = 0;  // a second that passed
  double by_cpu = 0;   // a second of CPU time, times the number of CPUs
};

// More than a second-level cache, and a usual third-level one.
inline constexpr Bytes kFarMemory{96 << 20};

// Works for about `length` with one thread on each of `cpus` and returns the sum of their rates;
// the widest vectors this CPU has (512, 256 or 128 bit). Nothing if it lacks the instruction
// (bf16, int8). Both rates, because a machine shared with others loses wall time, not CPU time.
// `working_set`: of all CPUs together, for kMemory; at least 64 KiB a CPU. Not for several threads
// at once.
Result<std::optional<Peak>> probe_peak(PeakKind kind, const std::vector<int>& cpus,
                                       Duration length = 20ms, Bytes working_set = kFarMemory);

}  // namespace tenbin
