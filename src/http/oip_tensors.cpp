// SPDX-License-Identifier: Apache-2.0
#include "http/oip_tensors.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/limits.h"
#include "tensor/float16.h"

namespace tenbin {
namespace {

struct OipType {
  std::string_view name;
  ElementType type;
};
constexpr std::array kOipTypes = {
    OipType{"BOOL", ElementType::kBool},     OipType{"UINT8", ElementType::kUint8},
    OipType{"UINT16", ElementType::kUint16}, OipType{"UINT32", ElementType::kUint32},
    OipType{"UINT64", ElementType::kUint64}, OipType{"INT8", ElementType::kInt8},
    OipType{"INT16", ElementType::kInt16},   OipType{"INT32", ElementType::kInt32},
    OipType{"INT64", ElementType::kInt64},   OipType{"FP16", ElementType::kFloat16},
    OipType{"FP32", ElementType::kFloat32},  OipType{"FP64", ElementType::kFloat64},
    OipType{"BYTES", ElementType::kString},  OipType{"BF16", ElementType::kBfloat16}};

Error bad(std::string_view name, const std::string& what) {
  return Error(ErrorCode::kBadRequest, "tensor '" + std::string(name) + "' " + what);
}

// Runs `f` with the type of the elements, those of 16-bit floats left out; false for others.
template <class F> bool with_type(ElementType type, F&& f) {
  switch (type) {
    case ElementType::kUint8: f.template operator()<std::uint8_t>(); return true;
    case ElementType::kUint16: f.template operator()<std::uint16_t>(); return true;
    case ElementType::kUint32: f.template operator()<std::uint32_t>(); return true;
    case ElementType::kUint64: f.template operator()<std::uint64_t>(); return true;
    case ElementType::kInt8: f.template operator()<std::int8_t>(); return true;
    case ElementType::kInt16: f.template operator()<std::int16_t>(); return true;
    case ElementType::kInt32: f.template operator()<std::int32_t>(); return true;
    case ElementType::kInt64: f.template operator()<std::int64_t>(); return true;
    case ElementType::kFloat32: f.template operator()<float>(); return true;
    case ElementType::kFloat64: f.template operator()<double>(); return true;
    case ElementType::kBool: f.template operator()<bool>(); return true;
    case ElementType::kString: f.template operator()<std::string>(); return true;
    default: return false;
  }
}

template <class T> bool read_element(JsonReader& in, T& value) {
  if constexpr (std::is_same_v<T, std::string> || std::is_floating_point_v<T>) {
    return in.read(value);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (in.peek() != JsonReader::Kind::kNumber) return in.read(value);
    std::int64_t number = 0;
    if (!in.read(number)) return false;
    if (number != 0 && number != 1) return in.fail("true, false, 0 or 1");
    value = number == 1;
    return true;
  } else {
    std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t> wide = 0;
    if (!in.read(wide)) return false;
    if (!std::in_range<T>(wide)) return in.fail("a number within the range of its type");
    value = static_cast<T>(wide);
    return true;
  }
}

// Elements of an array that is flat, or nested exactly as the shape.
template <class T> bool read_elements(JsonReader& in, const Shape& shape, std::span<T> into) {
  std::array<std::int64_t, limits::kTensorRank + 1> left{};  // items to come, by level
  std::size_t level = 0, read = 0;
  if (!in.enter_array()) return false;
  bool flat = true;
  for (;;) {
    if (!in.next_item()) {
      if (!in.ok()) return false;
      if (!flat && left[level] != 0) return in.fail("as many items as the shape says");
      if (level == 0) break;
      --level;
      continue;
    }
    if (in.peek() == JsonReader::Kind::kArray) {
      if (level == 0 && read == 0 && flat) {
        flat = false;
        left[0] = shape.empty() ? 0 : shape[0];
      }
      if (flat || level + 1 >= shape.size()) return in.fail("a value, not an array");
      if (left[level]-- == 0) return in.fail("no more items than the shape says");
      if (!in.enter_array()) return false;
      ++level;
      left[level] = shape[level];
      continue;
    }
    if (!flat && level + 1 != shape.size()) return in.fail("an array, as the shape says");
    if (!flat && left[level]-- == 0) return in.fail("no more items than the shape says");
    if (read == into.size()) return in.fail("no more items than the shape says");
    if (!read_element(in, into[read++])) return false;
  }
  return read == into.size() || in.fail("as many items as the shape says");
}

std::string shape_text(std::string_view name, const Shape& shape) {
  return "'" + std::string(name) + "' of shape " + to_text(shape);
}

template <class T> void append_number(T value, std::string& out) {
  std::array<char, 32> text{};
  if constexpr (std::is_floating_point_v<T>) {
    // JSON has no word for these: null, as other servers write.
    if (!std::isfinite(value)) {
      out += "null";
      return;
    }
  }
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

}  // namespace

std::optional<ElementType> oip_type(std::string_view name) {
  for (const OipType& entry : kOipTypes) {
    if (entry.name == name) return entry.type;
  }
  return std::nullopt;
}

std::string_view oip_name(ElementType type) {
  for (const OipType& entry : kOipTypes) {
    if (entry.type == type) return entry.name;
  }
  return "INVALID";
}

std::string oip_types() {
  std::string out = "expected one of ";
  for (const OipType& entry : kOipTypes) {
    if (&entry != kOipTypes.data()) out += ", ";
    out += entry.name;
  }
  return out;
}

Result<Tensor> tensor_of_shape(std::string_view name, ElementType type, const Shape& shape,
                               std::int64_t most) {
  if (shape.size() > limits::kTensorRank) {
    return bad(name, "has " + std::to_string(shape.size()) + " dimensions, expected at most " +
                         std::to_string(limits::kTensorRank));
  }
  for (const std::int64_t size : shape) {
    if (size < 0) return bad(name, "has a negative size in its shape " + to_text(shape));
  }
  const auto count = element_count(shape);
  if (!count.ok() || *count > most) {
    return bad(name, "has fewer elements than its shape " + to_text(shape) + " says");
  }
  return Tensor(type, shape);
}

Result<Tensor> tensor_from_bytes(std::string_view name, ElementType type, const Shape& shape,
                                 std::string_view bytes) {
  const std::size_t width = type == ElementType::kString ? 4 : element_size(type);
  const auto most = static_cast<std::int64_t>(bytes.size() / std::max<std::size_t>(width, 1));
  TENBIN_TRY(Tensor tensor, tensor_of_shape(name, type, shape, most));
  if (type != ElementType::kString) {
    if (tensor.byte_size() != bytes.size()) {
      return bad(name, "has " + std::to_string(bytes.size()) + " bytes, expected " +
                           std::to_string(tensor.byte_size()) + " of shape " + to_text(shape));
    }
    if (type == ElementType::kBool) {
      for (const char c : bytes) {
        if (c != 0 && c != 1) return bad(name, "holds a BOOL that is neither 0 nor 1");
      }
    }
    if (!bytes.empty()) std::memcpy(tensor.bytes().data(), bytes.data(), bytes.size());
    return tensor;
  }
  for (std::string& text : tensor.data<std::string>()) {
    std::uint32_t length = 0;
    if (bytes.size() < sizeof length) return bad(name, "ends inside the length of an element");
    std::memcpy(&length, bytes.data(), sizeof length);
    bytes.remove_prefix(sizeof length);
    if (length > bytes.size() || length > limits::kStringElementBytes) {
      return bad(name, "has an element of " + std::to_string(length) + " bytes, with " +
                           std::to_string(bytes.size()) + " left");
    }
    text = bytes.substr(0, length);
    bytes.remove_prefix(length);
  }
  if (!bytes.empty()) {
    return bad(name, "has " + std::to_string(bytes.size()) + " bytes behind its elements");
  }
  return tensor;
}

std::size_t byte_length(const Tensor& tensor) {
  if (!tensor.is_string()) return tensor.byte_size();
  std::size_t sum = 0;
  for (const std::string& text : tensor.data<std::string>()) sum += 4 + text.size();
  return sum;
}

void append_bytes(const Tensor& tensor, std::string& out) {
  if (!tensor.is_string()) {
    out.append(reinterpret_cast<const char*>(tensor.bytes().data()), tensor.byte_size());
    return;
  }
  for (const std::string& text : tensor.data<std::string>()) {
    const auto length = static_cast<std::uint32_t>(text.size());
    out.append(reinterpret_cast<const char*>(&length), sizeof length);
    out += text;
  }
}

Result<Tensor> tensor_from_json(std::string_view name, ElementType type, const Shape& shape,
                                JsonReader& in, std::int64_t most) {
  if (type == ElementType::kFloat16 || type == ElementType::kBfloat16) {
    return bad(name, "is " + std::string(oip_name(type)) +
                         ", which has no JSON form: send it with the extension binary_tensor_data");
  }
  TENBIN_TRY(Tensor tensor, tensor_of_shape(name, type, shape, most));
  bool read = false;
  with_type(type, [&]<class T>() { read = read_elements(in, shape, tensor.data<T>()); });
  if (read) return tensor;
  return Error(ErrorCode::kBadRequest,
               "data of tensor " + shape_text(name, shape) + ": " + in.error());
}

Status append_json(const Tensor& tensor, std::string& out) {
  out += '[';
  const bool known = with_type(tensor.type(), [&]<class T>() {
    bool first = true;
    for (const T& value : tensor.data<T>()) {
      if (!first) out += ',';
      first = false;
      if constexpr (std::is_same_v<T, std::string>) {
        append_json_text(value, out);
      } else if constexpr (std::is_same_v<T, bool>) {
        out += value ? "true" : "false";
      } else {
        append_number(value, out);
      }
    }
  });
  out += ']';
  if (known) return {};
  return Error(ErrorCode::kBadRequest,
               std::string(oip_name(tensor.type())) +
                   " has no JSON form: ask for binary_data_output, of the extension "
                   "binary_tensor_data");
}

void append_json_text(std::string_view text, std::string& out) {
  static const char* const kDigits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[c & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace tenbin
