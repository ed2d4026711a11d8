// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/units.h"

namespace tenbin {

// What a model's queue looks like when a request comes.
struct LoadSnapshot {
  std::int64_t waiting = 0;         // requests
  std::int64_t most = 0;            // requests that may wait
  Duration wait{};                  // expected before this one's turn
  Duration service{};               // of this one alone
  Duration left = Duration::max();  // until its deadline
  double share = 1;                 // of requests that are admitted under overload
  double draw = 0;                  // uniform in [0, 1): this request's lot
};

enum class Admission : std::uint8_t {
  kTake,
  kQueueFull,
  kTooLate,   // it could not be answered by its deadline
  kOverload,  // shed, so that the others are answered in time
};
Admission decide(const LoadSnapshot& load);

// The admitted share under overload, from the shortest time that a request waited in an interval:
// when even that is long, a queue stands that work alone does not clear. (Breakwater, CoDel)
struct OverloadOptions {
  Duration target = 20ms;
  double lower = 0.95;  // the share is multiplied by it while overloaded
  double raise = 0.01;  // and grows by it else
  double least = 0.01;
  double regain = 1.25;  // and multiplied by it, and more, once the line has caught up
};
// `caught_up`: nobody waited and nothing was computed at some moment: there was time for more.
double next_share(const OverloadOptions& options, double share, Duration shortest_wait,
                  bool caught_up);

// Tokens that come at a steady rate, up to a burst; one a request.
struct TokenBucket {
  double tokens = 0;
  Duration filled{};
};
struct ThrottleRate {
  double per_second = 0;  // 0: no limit
  double burst = 1;
};
// Whether one may go now; if not, `retry` is when one may.
struct Throttled {
  bool go = true;
  Duration retry{};
};
Throttled take_token(const ThrottleRate& rate, TokenBucket& bucket, Duration now);

}  // namespace tenbin
