// SPDX-License-Identifier: Apache-2.0
#include "engine/fourier.h"

#include <gtest/gtest.h>

#include <numbers>

namespace tenbin {
namespace {

using Complex = std::complex<double>;

TEST(Fourier, AgreesWithTheDefinitionAtAnyLength) {
  for (const std::size_t n : {1U, 2U, 3U, 5U, 8U, 12U, 31U, 64U, 100U}) {
    std::vector<Complex> values(n);
    for (std::size_t k = 0; k < n; ++k) {
      values[k] = {static_cast<double>(k % 7) - 3, static_cast<double>(k % 5)};
    }
    std::vector<Complex> found = values;
    fourier(found, false);
    for (std::size_t f = 0; f < n; ++f) {
      Complex sum = 0;
      for (std::size_t k = 0; k < n; ++k) {
        sum += values[k] * std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(f * k % n) /
                                               static_cast<double>(n));
      }
      EXPECT_NEAR(std::abs(found[f] - sum), 0, 1e-9) << n << " at " << f;
    }
    fourier(found, true);
    for (std::size_t k = 0; k < n; ++k) EXPECT_NEAR(std::abs(found[k] - values[k]), 0, 1e-9) << n;
  }
}

}  // namespace
}  // namespace tenbin
