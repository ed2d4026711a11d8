// SPDX-License-Identifier: Apache-2.0
#include "engine/fourier.h"

#include <bit>
#include <numbers>

namespace tenbin {
namespace {

using Complex = std::complex<double>;

// For lengths that are powers of two; `sign` is that of the exponent.
void by_halves(std::vector<Complex>& v, double sign) {
  const std::size_t n = v.size();
  for (std::size_t i = 1, j = 0; i < n; ++i) {  // bits of the place in reverse
    std::size_t bit = n / 2;
    for (; (j & bit) != 0; bit /= 2) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(v[i], v[j]);
  }
  std::vector<Complex> turns(n / 2);
  for (std::size_t k = 0; k < turns.size(); ++k) {
    turns[k] = std::polar(
        1.0, sign * 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n));
  }
  for (std::size_t size = 2; size <= n; size *= 2) {
    for (std::size_t begin = 0; begin < n; begin += size) {
      for (std::size_t k = 0; k < size / 2; ++k) {
        const Complex even = v[begin + k];
        const Complex odd = v[begin + k + size / 2] * turns[k * (n / size)];
        v[begin + k] = even + odd;
        v[begin + k + size / 2] = even - odd;
      }
    }
  }
}

// As a convolution with a chirp, padded to a power of two.
void by_chirp(std::vector<Complex>& v, double sign) {
  const std::size_t n = v.size(), wide = std::bit_ceil(2 * n - 1);
  std::vector<Complex> chirp(n), a(wide), b(wide);
  for (std::size_t k = 0; k < n; ++k) {
    const auto turn = static_cast<double>(k * k % (2 * n));
    chirp[k] = std::polar(1.0, sign * std::numbers::pi * turn / static_cast<double>(n));
    a[k] = v[k] * chirp[k];
    b[k] = std::conj(chirp[k]);
    if (k > 0) b[wide - k] = b[k];
  }
  by_halves(a, -1);
  by_halves(b, -1);
  for (std::size_t k = 0; k < wide; ++k) a[k] *= b[k];
  by_halves(a, 1);
  for (std::size_t k = 0; k < n; ++k) v[k] = a[k] * chirp[k] / static_cast<double>(wide);
}

}  // namespace

void fourier(std::vector<Complex>& values, bool inverse) {
  if (values.size() < 2) return;
  const double sign = inverse ? 1 : -1;
  if (std::has_single_bit(values.size())) {
    by_halves(values, sign);
  } else {
    by_chirp(values, sign);
  }
  if (!inverse) return;
  for (Complex& value : values) value /= static_cast<double>(values.size());
}

}  // namespace tenbin
