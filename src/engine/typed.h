// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/elementwise.h"
#include "tensor/float16.h"

namespace tenbin {

// Element types that an operator takes, said once: the dispatch and the error are made from them.
template <class... T> struct Types {};
template <class... A, class... B> constexpr Types<A..., B...> operator+(Types<A...>, Types<B...>) {
  return {};
}
inline constexpr Types<float, double, Float16, Bfloat16> kReals;
inline constexpr Types<std::int8_t, std::int16_t, std::int32_t, std::int64_t> kSigned;
inline constexpr Types<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t> kUnsigned;
inline constexpr auto kIntegers = kSigned + kUnsigned;
inline constexpr auto kNumbers = kReals + kIntegers;
inline constexpr Types<bool> kBools;
inline constexpr Types<std::string> kTexts;

// "float32, float64 or int8"
template <class... T> std::string names_of(Types<T...>) {
  std::string out;
  std::size_t left = sizeof...(T);
  const auto add = [&](ElementType type) {
    out += std::string(element_name(type)) + (left > 2 ? ", " : left == 2 ? " or " : "");
    --left;
  };
  (add(kElementOf<T>), ...);
  return out;
}

// Calls f.template operator()<T>() with the C++ type of `type`, which must be one of the listed
// ones. Error kUnsupportedOp with the list.
template <class... T, class F>
Result<std::vector<Tensor>> typed(const OpCall& call, ElementType type, Types<T...> types, F&& f) {
  Result<std::vector<Tensor>> out = std::vector<Tensor>();
  const bool found = ((kElementOf<T> == type && (out = f.template operator()<T>(), true)) || ...);
  if (!found) return bad_element_type(call, type, names_of(types));
  return out;
}

// An element of N bytes that is moved, never computed with.
template <std::size_t N> struct alignas(N) Cell { std::byte bytes[N]; };
// All elements of a tensor as T: a Cell of their size, or std::string.
template <class T> std::span<T> cells(Tensor& tensor) {
  if constexpr (std::is_same_v<T, std::string>) {
    return tensor.data<std::string>();
  } else {
    return {reinterpret_cast<T*>(tensor.bytes().data()), static_cast<std::size_t>(tensor.count())};
  }
}
template <class T> std::span<const T> cells(const Tensor& tensor) {
  return cells<T>(const_cast<Tensor&>(tensor));
}
// Calls f.template operator()<T>() with the type to move elements of `type` as: for operators that
// only carry elements to other places, whatever they are.
template <class F> auto moved(ElementType type, F&& f) {
  switch (element_size(type)) {
    case 1: return f.template operator()<Cell<1>>();
    case 2: return f.template operator()<Cell<2>>();
    case 4: return f.template operator()<Cell<4>>();
    case 8: return f.template operator()<Cell<8>>();
    default: return f.template operator()<std::string>();
  }
}

// Integers of an int32 or int64 operand (axes, sizes, indices). Error kUnsupportedOp.
Result<std::vector<std::int64_t>> integers_of(const OpCall& call, const Tensor& operand);
// Integers of input i, or of the attribute that older operator sets had in its place; `fallback`
// when neither is given.
Result<std::vector<std::int64_t>> integers_of(const OpCall& call, OpInputs inputs, std::size_t i,
                                              const std::string& attribute,
                                              std::vector<std::int64_t> fallback = {});
// Input i, or null when it is left out.
inline const Tensor* input_of(OpInputs inputs, std::size_t i) {
  return i < inputs.size() ? inputs[i] : nullptr;
}
// The only element of an operand as a number. Error: not one element, or not a number.
Result<double> number_of(const OpCall& call, const Tensor& operand);
// A tensor seen as [outer, size, inner] around one axis.
struct AxisView {
  std::int64_t outer = 1, size = 1, inner = 1;
};
AxisView around_axis(const Shape& shape, std::int64_t axis);

}  // namespace tenbin
