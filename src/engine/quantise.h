// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>

#include "engine/typed.h"

namespace tenbin {

// Whole numbers that stand for real ones: real = (whole - zero) * scale. Scale and zero have one
// entry, or one for each index of an axis.
struct Quantisation {
  std::vector<double> scales;
  std::vector<std::int32_t> zeros;
  double scale(std::size_t i) const { return scales[scales.size() == 1 ? 0 : i]; }
  std::int32_t zero(std::size_t i) const { return zeros[zeros.size() == 1 ? 0 : i]; }
};

// Types that quantised numbers have.
inline constexpr Types<std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::int32_t>
    kQuantised;

// From operands; `zero` may be null (0), `scale` too (1). `entries`: how many an axis has. Errors
// kBadShape, kUnsupportedOp.
Result<Quantisation> quantisation_of(const OpCall& call, const Tensor* scale, const Tensor* zero,
                                     std::int64_t entries);
// The elements less their zero: entry for element i is i / inner % entries.
Result<std::vector<std::int32_t>> without_zero(const OpCall& call, const Tensor& tensor,
                                               const Quantisation& q, std::int64_t inner);

// The nearest whole number, ties to even, kept within T.
template <class T> T saturated(double value, std::int32_t zero) {
  const double whole = std::nearbyint(value) + static_cast<double>(zero);
  if (std::isnan(whole)) return static_cast<T>(zero);
  const double least = static_cast<double>(std::numeric_limits<T>::lowest());
  const double most = static_cast<double>(std::numeric_limits<T>::max());
  return static_cast<T>(whole < least ? least : whole > most ? most : whole);
}

}  // namespace tenbin
