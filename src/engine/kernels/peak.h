// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace tenbin::kernels {

// The inner loops of the peak probe for this CPU. Arithmetic loops keep their values in registers,
// return the operations they did (a multiply-add is two) and add a result to `sum`.
struct PeakKernels {
  double (*float32)(int rounds, double& sum) = nullptr;
  double (*bfloat16)(int rounds, double& sum) = nullptr;  // null: the CPU has no such instruction
  // The same for products of eight-bit integers summed in 32 bit.
  double (*int8)(int rounds, double& sum) = nullptr;
  double (*read)(const double* values, std::size_t count) = nullptr;  // their sum
};
PeakKernels peak_kernels();

}  // namespace tenbin::kernels
