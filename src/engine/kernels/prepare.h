// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tenbin::kernels {

// Passes over a row of floats that prepare it for a network, in place. One rounding each, as the
// operators of ONNX have it.

void to_floats(const float* from, float* to, std::int64_t count);
void to_floats(const std::uint8_t* from, float* to, std::int64_t count);
void to_floats(const std::int8_t* from, float* to, std::int64_t count);
void to_floats(const std::int32_t* from, float* to, std::int64_t count);
void to_floats(const std::int64_t* from, float* to, std::int64_t count);

// A constant that begins again after `period` elements.
struct Repeated {
  const float* values;
  std::int64_t period;
};
void add(float* values, std::int64_t count, const Repeated& constant);
void subtract(float* values, std::int64_t count, const Repeated& constant);
void multiply(float* values, std::int64_t count, const Repeated& constant);
void divide(float* values, std::int64_t count, const Repeated& constant);
// The constant in the place of NaN, or of infinite numbers too.
void fill_nan(float* values, std::int64_t count, const Repeated& constant);
void fill_not_finite(float* values, std::int64_t count, const Repeated& constant);

}  // namespace tenbin::kernels
