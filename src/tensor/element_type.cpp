// SPDX-License-Identifier: Apache-2.0
#include "tensor/element_type.h"

#include <array>

namespace tenbin {
namespace {
struct Row {
  ElementType type;
  std::string_view name;
  std::size_t size;
};
constexpr std::array kRows = {
    Row{ElementType::kUndefined, "undefined", 0}, Row{ElementType::kFloat32, "float32", 4},
    Row{ElementType::kUint8, "uint8", 1},         Row{ElementType::kInt8, "int8", 1},
    Row{ElementType::kUint16, "uint16", 2},       Row{ElementType::kInt16, "int16", 2},
    Row{ElementType::kInt32, "int32", 4},         Row{ElementType::kInt64, "int64", 8},
    Row{ElementType::kString, "string", 0},       Row{ElementType::kBool, "bool", 1},
    Row{ElementType::kFloat16, "float16", 2},     Row{ElementType::kFloat64, "float64", 8},
    Row{ElementType::kUint32, "uint32", 4},       Row{ElementType::kUint64, "uint64", 8},
    Row{ElementType::kBfloat16, "bfloat16", 2}};

const Row& row(ElementType type) {
  for (const Row& r : kRows) {
    if (r.type == type) return r;
  }
  return kRows.front();
}
}  // namespace

std::size_t element_size(ElementType type) { return row(type).size; }
std::string_view element_name(ElementType type) { return row(type).name; }

std::optional<ElementType> parse_element_type(std::string_view name) {
  for (const Row& r : kRows) {
    if (r.name == name) return r.type;
  }
  return std::nullopt;
}

}  // namespace tenbin
