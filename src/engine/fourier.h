// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <complex>
#include <vector>

namespace tenbin {

// The discrete Fourier transform of any length in n log n steps (Cooley-Tukey; Bluestein where the
// length is no power of two). The inverse divides by the length.
void fourier(std::vector<std::complex<double>>& values, bool inverse);

}  // namespace tenbin
