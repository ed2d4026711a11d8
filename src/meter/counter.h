// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/units.h"

namespace tenbin {

// Pure arithmetic of a cumulative energy counter that wraps (energy.md 1.3). All in nanojoules.
struct CounterFacts {
  std::optional<std::int64_t> range;  // values before it starts again at 0; nothing: unknown
  Power plausible = watts(1000);      // no more than this can flow: bounds every guess
  std::int64_t unit = 1000;           // of a count [nJ]; declared once per wrap
  bool never_falls = false;           // a model's: no wrap, no reset, jumps are real
  bool operator==(const CounterFacts&) const = default;
};

// One good reading. `half_width`: half the time the read took, the error of `at`.
struct CounterRead {
  Duration at{};
  std::int64_t value = 0;  // [nJ]
  Duration half_width{};
};

enum class CountKind {
  kExact,      // one candidate: value known to the counter's unit
  kAmbiguous,  // several wraps possible: bounds, no value
  kReset,      // none possible: the counter started again; bounds, no value
  kUnknown,    // nothing can be said but the bounds (range unknown, epoch changed)
};

// Energy between two readings. `value` only for kExact.
struct CounterStep {
  CountKind kind = CountKind::kUnknown;
  std::optional<Energy> value;
  Energy lo, hi;
  std::uint32_t flags = 0;  // MeasurementFlag
};

// Energy that flowed between `before` and `after` (after.at > before.at).
CounterStep counter_step(const CounterFacts& facts, const CounterRead& before,
                         const CounterRead& after);

// P * dt, rounded up, never above 9.2 GJ.
Energy most_energy(Power plausible, Duration dt);

// Longest time between readings that cannot hide a wrap: R / (2 P). Nothing: no range known.
std::optional<Duration> safe_interval(const CounterFacts& facts);

}  // namespace tenbin
