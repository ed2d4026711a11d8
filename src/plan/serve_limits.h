// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "base/units.h"

namespace tenbin {

// What a server promises, and what it may use.
struct ServeLimits {
  std::optional<Duration> slo;     // in which a request should be answered
  std::string slo_quantile;        // "p99": of so many requests
  std::optional<Power> power;      // of the serving process
  std::optional<Money> money;      // a month
  double throttle_per_second = 0;  // of each client; 0: none
  double throttle_burst = 1;
};

// Reads "p99=20ms", "power=15W", "money=30usd" (a month), and "100/s/client" with an optional burst
// "100/s/client,burst=20". Errors kUnknownOption, kBadValue, kImpossibleLimit with what is valid.
Result<ServeLimits> parse_serve_limits(std::span<const std::string> slo,
                                       std::span<const std::string> limits,
                                       const std::string& throttle);

}  // namespace tenbin
