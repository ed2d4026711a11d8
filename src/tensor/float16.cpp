// SPDX-License-Identifier: Apache-2.0
#include "tensor/float16.h"

#include <cmath>

namespace tenbin {

std::uint16_t float16_bits(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000U;
  const std::uint32_t size = bits & 0x7FFF'FFFFU;
  std::uint32_t out = 0;
  if (size > 0x7F80'0000U) {  // NaN: quiet, with the upper bits of its payload
    out = 0x7E00U | (size >> 13 & 0x1FFU);
  } else if (size >= 0x4780'0000U) {  // 65536 and more
    out = 0x7C00U;
  } else if (size >= 0x3880'0000U) {  // normal: carries run into the exponent, as they should
    out = (size - 0x3800'0000U + 0xFFFU + (size >> 13 & 1U)) >> 13;
  } else if (size >= 0x3300'0000U) {  // subnormal; less than half of the smallest is 0
    const std::uint32_t mantissa = (size & 0x7F'FFFFU) | 0x80'0000U;
    const std::uint32_t shift = 126U - (size >> 23);
    const std::uint32_t rest = mantissa & ((1U << shift) - 1U);
    const std::uint32_t half = 1U << (shift - 1U);
    out = mantissa >> shift;
    if (rest > half || (rest == half && (out & 1U) != 0)) ++out;
  }
  return static_cast<std::uint16_t>(sign | out);
}

std::uint16_t bfloat16_bits(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFF'FFFFU) > 0x7F80'0000U) return static_cast<std::uint16_t>(bits >> 16 | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16);
}

float float16_value(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16;
  const std::uint32_t exponent = bits >> 10 & 0x1FU;
  const std::uint32_t mantissa = bits & 0x3FFU;
  if (exponent == 0) {
    const float size = static_cast<float>(mantissa) * 0x1p-24F;
    return sign != 0 ? -size : size;
  }
  const std::uint32_t wide = exponent == 0x1FU ? 0x7F80'0000U : (exponent + 112U) << 23;
  return std::bit_cast<float>(sign | wide | mantissa << 13);
}

float round_to_odd(double value) {
  auto near = static_cast<float>(value);
  if (std::isnan(value) || static_cast<double>(near) == value) return near;
  if (std::fabs(static_cast<double>(near)) > std::fabs(value)) near = std::nextafter(near, 0.0F);
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(near) | 1U);
}

}  // namespace tenbin
