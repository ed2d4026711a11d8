// SPDX-License-Identifier: Apache-2.0
#include "meter/counter.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/measurement.h"

namespace tenbin {
namespace {

// Below this a counter of unknown range cannot have wrapped: the smallest range seen in kernels.
constexpr std::int64_t kSmallestRange = 65'532'000'000'000;  // [nJ]

CounterStep bounds(CountKind kind, Energy lo, Energy hi, std::uint32_t flags) {
  return {kind, std::nullopt, lo, hi, flags};
}

CounterStep exact(std::int64_t energy, std::int64_t doubt, std::uint32_t flags) {
  return {CountKind::kExact, Energy{energy}, Energy{energy}, Energy{energy + doubt}, flags};
}

CounterStep without_range(std::int64_t d, Energy most) {
  if (d < 0) return bounds(CountKind::kUnknown, {}, most, kFlagAmbiguous);
  if (most.nanojoules < kSmallestRange) {
    if (d > most.nanojoules) return bounds(CountKind::kReset, {}, most, kFlagReset);
    return exact(d, 0, d == 0 ? kFlagStale : 0u);
  }
  return bounds(CountKind::kAmbiguous, Energy{std::min(d, most.nanojoules)}, most, kFlagAmbiguous);
}

}  // namespace

Energy most_energy(Power plausible, Duration dt) {
  const double most = std::ceil(plausible.w * static_cast<double>(dt.count()));
  if (!(most < 9.2e18)) return {9'200'000'000'000'000'000};
  return {std::max<std::int64_t>(0, static_cast<std::int64_t>(most))};
}

CounterStep counter_step(const CounterFacts& facts, const CounterRead& before,
                         const CounterRead& after) {
  const Energy most =
      most_energy(facts.plausible, after.at - before.at + after.half_width + before.half_width);
  const std::int64_t d = after.value - before.value;
  if (facts.never_falls) return exact(std::max<std::int64_t>(d, 0), 0, 0);
  const std::int64_t range = facts.range.value_or(0);
  // A value above its own range shows that the range cannot be trusted.
  if (range <= 0 || after.value > range || before.value > range) return without_range(d, most);
  std::int64_t first = d;
  std::int64_t wraps = 0;
  if (first < 0) {
    first += range;
    wraps = 1;
  }
  if (first > most.nanojoules) {
    const bool fits = after.value <= most.nanojoules;
    return bounds(CountKind::kReset, Energy{fits && d < 0 ? after.value : 0}, most, kFlagReset);
  }
  const std::int64_t more = (most.nanojoules - first) / range;
  const std::int64_t last = first + more * range;
  if (more > 0) {
    return bounds(CountKind::kAmbiguous, Energy{first}, Energy{last + (wraps + more) * facts.unit},
                  kFlagAmbiguous);
  }
  return exact(first, wraps * facts.unit, first == 0 ? kFlagStale : 0u);
}

std::optional<Duration> safe_interval(const CounterFacts& facts) {
  if (!facts.range || *facts.range <= 0 || facts.plausible.w <= 0) return std::nullopt;
  return Duration(
      static_cast<std::int64_t>(static_cast<double>(*facts.range) / (2 * facts.plausible.w)));
}

}  // namespace tenbin
