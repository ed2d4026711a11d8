// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "base/units.h"

namespace tenbin {

// What has been seen of a model's load lately.
struct VariantSnapshot {
  std::size_t now = 0;  // the variant in use; 0 is the one to prefer, the last is the cheapest
  std::size_t count = 1;
  Duration wait{};         // longest that a request waited in the last interval
  Duration target = 20ms;  // wait above it is too long
  double busy = 0;         // share of the threads' time that the last interval computed
  double cheaper = 1;      // cost of the next cheaper variant, relative to the one in use
  double dearer = 1;       // cost of the next dearer variant, relative to the one in use
  Duration since{};        // since the last change
  std::size_t least = 0;   // the power budget or the price asks for this one at least
};

// The variant to use next. Down as soon as requests wait too long; up only when the dearer one
// would still leave room, and not before the last change has shown its effect: so it cannot swing.
std::size_t next_variant(const VariantSnapshot& snapshot);

}  // namespace tenbin
