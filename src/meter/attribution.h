// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/units.h"

namespace tenbin {

// One interval between two readings of a component, split over accounts (energy.md 1.5). Pure.
struct Activities {
  std::span<const Duration> accounts;  // busy time of each leaf account, the meter's own included
  Duration unattributed{};             // busy time in no account
};
struct Shares {
  Energy idle;
  std::vector<Energy> accounts;  // in the order given
  Energy unattributed;           // of the busy time in no account; all that is dynamic if none is
  bool idle_revised = false;     // the interval held less than its idle energy
};

// Energy E of an interval of length dt: idle takes min(E, idle_power * dt), the rest goes to the
// accounts by their busy time. Everything adds up to E exactly.
Shares attribute(Energy energy, Power idle_power, Duration dt, const Activities& activities);

// `total` by weights, rounded down; the nanojoules left over go to the largest remainders, ties to
// the lowest index. No positive weight: nothing is given.
std::vector<Energy> split_by_weight(Energy total, std::span<const std::int64_t> weights);

}  // namespace tenbin
