// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "meter/source.h"
#include "meter/window.h"

namespace tenbin {

// One powercap zone as it was found.
struct Zone {
  std::string folder;  // "intel-rapl:0:1"
  std::string name;    // "package-0", "dram", "core", "uncore", "psys"
  bool readable = true;
  bool enabled = true;
  CounterFacts facts;
};

// Zones to counters in containment order: scope, package and die from the names, and which of them
// sum to the headline. Packages and DRAM sum (DRAM is not inside a package on servers); cores and
// uncore lie inside the package; psys contains all and counts only where no package is readable; a
// zone that the MMIO driver shows a second time is a duplicate. Order of input does not matter.
std::vector<CounterInfo> arrange_zones(std::vector<Zone> zones);

// Whether two dies of one package show the same counter.
enum class DieRelation { kUndecided, kMirrored, kIndependent };
// From the steps both tracks share: mirrored after 8 equal non-zero ones, independent after 2 that
// differ by more than two counts and what flows between the two reads.
DieRelation relate_dies(const EnergyTrack& a, const EnergyTrack& b);

}  // namespace tenbin
