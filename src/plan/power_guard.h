// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"

namespace tenbin {

// How a server is held to a power: cheaper variants first, then fewer requests.
struct PowerHold {
  int steps = 0;     // variants cheaper than the one to prefer
  double share = 1;  // of requests that are taken
  Duration since{};  // since it last changed
};

// What the server used lately, and what it may use.
struct PowerSeen {
  Power used, allowed;
  int most_steps = 0;   // cheaper variants that there are
  Duration interval{};  // since the last look
};

// The hold from now on. Above what is allowed, a cheaper variant or a fifth fewer requests; well
// below it, a little more of them, and the dearer variant after two calm seconds.
PowerHold next_hold(const PowerHold& hold, const PowerSeen& seen);

// The power that a month's money buys at a price of energy.
Power power_for(Money a_month, Money per_kwh, double pue);

}  // namespace tenbin
