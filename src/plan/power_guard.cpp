// SPDX-License-Identifier: Apache-2.0
#include "plan/power_guard.h"

#include <algorithm>

namespace tenbin {
namespace {

constexpr double kHoursOfMonth = 365.25 * 24 / 12;
constexpr Duration kBeforeMore = 500ms;  // a change shows in the mean of the last second
constexpr Duration kBeforeDearer = 2s;
constexpr double kRoom = 0.9;  // of what is allowed
constexpr double kLeast = 0.02;

}  // namespace

PowerHold next_hold(const PowerHold& hold, const PowerSeen& seen) {
  PowerHold next = hold;
  next.since += seen.interval;
  if (seen.used > seen.allowed) {
    if (next.since < kBeforeMore) return next;
    if (hold.steps < seen.most_steps) {
      ++next.steps;
    } else {
      next.share = std::max(kLeast, hold.share * 0.8);
    }
    next.since = Duration::zero();
    return next;
  }
  if (seen.used.w > kRoom * seen.allowed.w) return next;
  if (hold.share < 1) {
    if (next.since < kBeforeMore) return next;
    next.share = std::min(1.0, hold.share * 1.05 + 0.005);
    next.since = Duration::zero();
  } else if (hold.steps > 0 && next.since >= kBeforeDearer && seen.used.w < 0.5 * seen.allowed.w) {
    --next.steps;
    next.since = Duration::zero();
  }
  return next;
}

Power power_for(Money a_month, Money per_kwh, double pue) {
  const double kilowatt_hours = in_units(a_month) / (in_units(per_kwh) * pue);
  return watts(kilowatt_hours * 1000 / kHoursOfMonth);
}

}  // namespace tenbin
