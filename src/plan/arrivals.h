// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace tenbin {

enum class ArrivalKind { kPoisson, kConstant };

// More than these are refused: 8 bytes each, made before the run.
inline constexpr double kMostArrivals = 100e6;

// Instants of arrivals at `rate` a second over `duration`, from zero, ascending; the same for the
// same seed. Fixed before the first request is sent, so that a slow answer delays none of them.
std::vector<Duration> arrivals_at(double rate, Duration duration, ArrivalKind kind,
                                  std::uint64_t seed);

// Arrivals of a recorded trace: a CSV whose first column, or the one called TIMESTAMP, is an
// instant in seconds or as a date with time; `speed` (above zero) times as fast as recorded. Errors
// kMalformedData with the line; kTooLarge: it lasts longer than a year at that speed.
Result<std::vector<Duration>> arrivals_of_trace(std::string_view csv, double speed);

// Steps from `first` to `last`, each twice the one before; `last` is among them.
std::vector<double> ramp(double first, double last);

// A quantile of sorted values with the 95 % interval of its order statistics: the values between
// whose ranks the quantile lies by the binomial distribution of how many are below it, exactly if
// few are at one side. Presumes values that do not depend on one another. (Conover 1999, 3.2)
struct QuantileEstimate {
  Duration value{};
  std::optional<Duration> low, high;  // nothing: so few values do not bound it at this side
};
QuantileEstimate quantile_of(std::span<const Duration> sorted, double q);

}  // namespace tenbin
