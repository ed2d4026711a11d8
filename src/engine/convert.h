// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>

#include "tensor/float16.h"

namespace tenbin {

// A number as another element type, as Cast does it: towards zero to integers, where the standard
// leaves open what happens it saturates, NaN becomes 0; between integers the low bits stay.
template <class To, class From> To converted(From value) {
  if constexpr (std::is_same_v<To, From>) {
    return value;
  } else if constexpr (std::is_same_v<To, bool>) {
    return static_cast<Wide<From>>(value) != Wide<From>{0};
  } else if constexpr (std::is_integral_v<To> && kIsReal<From>) {
    const auto wide = static_cast<double>(value);
    if (std::isnan(wide)) return To{0};
    if (wide >= static_cast<double>(std::numeric_limits<To>::max())) {
      return std::numeric_limits<To>::max();
    }
    if (wide <= static_cast<double>(std::numeric_limits<To>::lowest())) {
      return std::numeric_limits<To>::lowest();
    }
    return static_cast<To>(wide);
  } else {
    return static_cast<To>(static_cast<Wide<From>>(value));
  }
}

}  // namespace tenbin
