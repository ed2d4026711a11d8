// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <type_traits>

#include "tensor/element_type.h"

namespace tenbin {

// Bits of the number in half the bytes of a float that is nearest, ties to even (IEEE 754): 5 bits
// of exponent (binary16) or 8 (bfloat16). What is too large becomes infinity; NaN stays NaN.
std::uint16_t float16_bits(float value);
std::uint16_t bfloat16_bits(float value);
float float16_value(std::uint16_t bits);
inline float bfloat16_value(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}
// A float that rounds to the same shorter number as the double does: rounding twice would not.
float round_to_odd(double value);

// Numbers of 16 bits as values: they widen to float by themselves, and are made on purpose.
class Float16 {
 public:
  Float16() = default;
  template <class T>
  requires std::is_arithmetic_v<T>
  explicit Float16(T value) {
    if constexpr (std::same_as<T, float>) {
      bits_ = float16_bits(value);
    } else {
      bits_ = float16_bits(round_to_odd(static_cast<double>(value)));
    }
  }
  operator float() const { return float16_value(bits_); }  // NOLINT(google-explicit-constructor)

 private:
  std::uint16_t bits_;
};

class Bfloat16 {
 public:
  Bfloat16() = default;
  template <class T>
  requires std::is_arithmetic_v<T>
  explicit Bfloat16(T value) {
    if constexpr (std::same_as<T, float>) {
      bits_ = bfloat16_bits(value);
    } else {
      bits_ = bfloat16_bits(round_to_odd(static_cast<double>(value)));
    }
  }
  operator float() const { return bfloat16_value(bits_); }  // NOLINT(google-explicit-constructor)

 private:
  std::uint16_t bits_;
};

static_assert(sizeof(Float16) == 2 && std::is_trivially_copyable_v<Float16>);
static_assert(sizeof(Bfloat16) == 2 && std::is_trivially_copyable_v<Bfloat16>);

template <> inline constexpr ElementType kElementOf<Float16> = ElementType::kFloat16;
template <> inline constexpr ElementType kElementOf<Bfloat16> = ElementType::kBfloat16;

// Real numbers, the short ones too.
template <class T>
inline constexpr bool kIsReal =
    std::is_floating_point_v<T> || std::same_as<T, Float16> || std::same_as<T, Bfloat16>;
// The type to compute in: float for the short ones.
template <class T>
using Wide = std::conditional_t<kIsReal<T> && !std::is_floating_point_v<T>, float, T>;

}  // namespace tenbin
