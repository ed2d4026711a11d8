// SPDX-License-Identifier: Apache-2.0
#include "serve/variant_policy.h"

#include <algorithm>

namespace tenbin {
namespace {

constexpr Duration kBeforeDown = 100ms;  // a change shows its effect within it
constexpr Duration kBeforeUp = 2s;
constexpr double kRoom = 0.6;  // busy share that the dearer variant may come to

}  // namespace

std::size_t next_variant(const VariantSnapshot& s) {
  const std::size_t last = s.count - 1;
  const std::size_t least = std::min(s.least, last);
  if (s.now < least) return least;
  if (s.wait > s.target && s.since >= kBeforeDown) return std::min(s.now + 1, last);
  const bool calm = s.wait < s.target / 4 && s.busy * s.dearer < kRoom;
  if (s.now > least && calm && s.since >= kBeforeUp) return s.now - 1;
  return s.now;
}

}  // namespace tenbin
