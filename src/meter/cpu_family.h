// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

namespace tenbin {

// Draw of one hardware thread of a server CPU: fully busy, with what is known about its error.
struct ThreadPower {
  std::string family;               // "AMD EPYC, Zen 4"
  Power idle, busy;                 // per hardware thread
  double gain_lo = 1, gain_hi = 1;  // truth lies in busy * [gain_lo, gain_hi] (nominal 95 %)
  std::string source;               // where the constants are from
};

// From the text of /proc/cpuinfo (vendor, family, model, stepping). A CPU that is in no row gets
// the range of all rows. Constants: Cloud Carbon Footprint coefficients (Apache-2.0); the widths
// are start values, as no validation of these constants is published.
ThreadPower thread_power(std::string_view cpuinfo);
// From a thermal design power shared by `threads` hardware threads: Pmax / TDP has median 1.04,
// p10 0.81, p90 1.21 over 619 SPECpower results; widened to 22 % and more for the load curve.
ThreadPower thread_power_of_tdp(Power tdp, int threads);

}  // namespace tenbin
