// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenbin {

// Element types, with the numbers ONNX gives them (TensorProto.DataType).
enum class ElementType : std::uint8_t {
  kUndefined = 0,
  kFloat32 = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kFloat64 = 11,
  kUint32 = 12,
  kUint64 = 13,
  kBfloat16 = 16,
};

// Bytes an element takes; 0 for strings.
std::size_t element_size(ElementType type);
std::string_view element_name(ElementType type);  // "float32"
std::optional<ElementType> parse_element_type(std::string_view name);

// The ElementType of a C++ type.
template <class T> inline constexpr ElementType kElementOf = ElementType::kUndefined;
template <> inline constexpr ElementType kElementOf<float> = ElementType::kFloat32;
template <> inline constexpr ElementType kElementOf<double> = ElementType::kFloat64;
template <> inline constexpr ElementType kElementOf<std::int8_t> = ElementType::kInt8;
template <> inline constexpr ElementType kElementOf<std::uint8_t> = ElementType::kUint8;
template <> inline constexpr ElementType kElementOf<std::int16_t> = ElementType::kInt16;
template <> inline constexpr ElementType kElementOf<std::uint16_t> = ElementType::kUint16;
template <> inline constexpr ElementType kElementOf<std::int32_t> = ElementType::kInt32;
template <> inline constexpr ElementType kElementOf<std::uint32_t> = ElementType::kUint32;
template <> inline constexpr ElementType kElementOf<std::int64_t> = ElementType::kInt64;
template <> inline constexpr ElementType kElementOf<std::uint64_t> = ElementType::kUint64;
template <> inline constexpr ElementType kElementOf<bool> = ElementType::kBool;
template <> inline constexpr ElementType kElementOf<std::string> = ElementType::kString;

}  // namespace tenbin
