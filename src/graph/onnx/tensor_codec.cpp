// SPDX-License-Identifier: Apache-2.0
#include "graph/onnx/tensor_codec.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <string>

#include "graph/onnx/external_data.h"
#include "graph/onnx/onnx.pb.h"

namespace tenbin {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

// Types of TensorProto.DataType that are not ElementType, for messages.
std::string_view foreign_type_name(int data_type) {
  constexpr std::array kNames = std::to_array<std::string_view>(
      {"complex64", "complex128", "", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2",
       "float8e5m2fnuz", "uint4", "int4", "float4e2m1", "float8e8m0", "uint2", "int2"});
  const std::size_t index = static_cast<std::size_t>(data_type) - 14;
  return data_type >= 14 && index < kNames.size() ? kNames[index] : "";
}

Error wrong_length(std::int64_t found, std::int64_t expected, const char* what) {
  return Error(ErrorCode::kBadModel, std::to_string(found) + " " + what + " of data, expected " +
                                         std::to_string(expected) + " from shape and type");
}

// Copies typed values into the tensor as To, keeping the low bits.
template <class To, class Field> Status copy_field(const Field& field, Tensor& tensor) {
  if (field.size() != tensor.count()) return wrong_length(field.size(), tensor.count(), "values");
  std::byte* out = tensor.bytes().data();
  for (const auto value : field) {
    const To element = static_cast<To>(value);
    std::memcpy(out, &element, sizeof(To));
    out += sizeof(To);
  }
  return {};
}

Status copy_bool(const onnx_wire::TensorProto& proto, Tensor& tensor) {
  if (proto.int32_data_size() != tensor.count()) {
    return wrong_length(proto.int32_data_size(), tensor.count(), "values");
  }
  std::size_t i = 0;
  for (const std::int32_t value : proto.int32_data()) tensor.data<bool>()[i++] = value != 0;
  return {};
}

Status decode_typed(const onnx_wire::TensorProto& proto, Tensor& tensor) {
  switch (tensor.type()) {
    case ElementType::kFloat32: return copy_field<float>(proto.float_data(), tensor);
    case ElementType::kFloat64: return copy_field<double>(proto.double_data(), tensor);
    case ElementType::kInt64: return copy_field<std::int64_t>(proto.int64_data(), tensor);
    case ElementType::kUint64: return copy_field<std::uint64_t>(proto.uint64_data(), tensor);
    case ElementType::kUint32: return copy_field<std::uint32_t>(proto.uint64_data(), tensor);
    case ElementType::kInt32: return copy_field<std::int32_t>(proto.int32_data(), tensor);
    case ElementType::kInt16: return copy_field<std::int16_t>(proto.int32_data(), tensor);
    case ElementType::kInt8: return copy_field<std::int8_t>(proto.int32_data(), tensor);
    case ElementType::kUint8: return copy_field<std::uint8_t>(proto.int32_data(), tensor);
    case ElementType::kUint16:
    case ElementType::kFloat16:
    case ElementType::kBfloat16: return copy_field<std::uint16_t>(proto.int32_data(), tensor);
    case ElementType::kBool: return copy_bool(proto, tensor);
    case ElementType::kString:
    case ElementType::kUndefined: break;
  }
  return Error(ErrorCode::kBadModel, "tensor without a type");
}

// How many values the typed fields hold: what is not the right length must not be allocated.
std::int64_t typed_values(const onnx_wire::TensorProto& proto) {
  return std::int64_t{proto.float_data_size()} + proto.int32_data_size() + proto.int64_data_size() +
         proto.double_data_size() + proto.uint64_data_size();
}

Result<std::int64_t> decimal(const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [at, fault] = std::from_chars(text.data(), end, value);
  if (fault != std::errc{} || at != end || value < 0) {
    return Error(ErrorCode::kBadModel,
                 "external data position '" + text + "', expected a decimal number");
  }
  return value;
}

Result<Tensor> decode_external(const onnx_wire::TensorProto& proto, ElementType type,
                               const Shape& shape, ExternalData* external) {
  if (type == ElementType::kString) {
    return Error(ErrorCode::kBadModel, "strings in external data, expected them in the model");
  }
  if (external == nullptr) {
    return Error(ErrorCode::kBadModel, "data lies in another file, expected it in the model", "",
                 "read the model from its folder");
  }
  std::string location;
  std::int64_t offset = 0;
  const std::int64_t expected = count_of(shape) * static_cast<std::int64_t>(element_size(type));
  std::int64_t length = expected;
  for (const auto& entry : proto.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") {
      TENBIN_TRY(offset, decimal(entry.value()));
    }
    if (entry.key() == "length") {
      TENBIN_TRY(length, decimal(entry.value()));
    }
  }
  if (length != expected) return wrong_length(length, expected, "bytes");
  TENBIN_CHECK(external->claim(location, offset, length));
  Tensor tensor(type, shape);
  TENBIN_CHECK(external->read(location, offset, tensor.bytes()));
  return tensor;
}

Status decode_strings(const onnx_wire::TensorProto& proto, Tensor& tensor) {
  std::size_t i = 0;
  for (const std::string& text : proto.string_data()) tensor.data<std::string>()[i++] = text;
  return {};
}

// The data that a tensor of this shape and type needs is there, before memory is taken for it.
Status check_length(const onnx_wire::TensorProto& proto, ElementType type, std::int64_t count) {
  if (type == ElementType::kString) {
    if (proto.string_data_size() == count) return {};
    return wrong_length(proto.string_data_size(), count, "strings");
  }
  if (proto.has_raw_data()) {
    const auto found = static_cast<std::int64_t>(proto.raw_data().size());
    const auto expected = count * static_cast<std::int64_t>(element_size(type));
    // An empty raw_data beside typed values is how some writers leave it out.
    if (found == expected || (found == 0 && typed_values(proto) == count)) return {};
    return wrong_length(found, expected, "bytes");
  }
  if (typed_values(proto) != count) return wrong_length(typed_values(proto), count, "values");
  return {};
}

}  // namespace

Result<ElementType> element_type_of(int data_type) {
  if (data_type > 0 && data_type <= 16 && data_type != 14 && data_type != 15) {
    return static_cast<ElementType>(data_type);
  }
  const std::string_view name = foreign_type_name(data_type);
  return Error(ErrorCode::kBadModel,
               "element type " + (name.empty() ? std::to_string(data_type) : std::string(name)) +
                   ", expected a float, integer, bool or string type");
}

Result<Tensor> decode_tensor(const onnx_wire::TensorProto& proto, ExternalData* external) {
  if (proto.has_segment()) {
    return Error(ErrorCode::kBadModel, "tensor in segments, expected one piece");
  }
  TENBIN_TRY(const ElementType type, element_type_of(proto.data_type()));
  const Shape shape(proto.dims().begin(), proto.dims().end());
  TENBIN_TRY(const std::int64_t count, element_count(shape));
  if (proto.data_location() == 1) return decode_external(proto, type, shape, external);
  TENBIN_CHECK(check_length(proto, type, count));
  Tensor tensor(type, shape);
  if (type == ElementType::kString) {
    TENBIN_CHECK(decode_strings(proto, tensor));
  } else if (proto.has_raw_data() && proto.raw_data().size() == tensor.byte_size()) {
    if (tensor.byte_size() > 0) {
      std::memcpy(tensor.bytes().data(), proto.raw_data().data(), tensor.byte_size());
    }
    if (type == ElementType::kBool) {  // a bool that is neither 0 nor 1 is no C++ value
      for (std::byte& b : tensor.bytes()) b = b == std::byte{0} ? std::byte{0} : std::byte{1};
    }
  } else {
    TENBIN_CHECK(decode_typed(proto, tensor));
  }
  return tensor;
}

Result<Value> decode_sequence(const onnx_wire::SequenceProto& proto) {
  if (proto.elem_type() != 1 && proto.elem_type() != 0) {
    return Error(
        ErrorCode::kBadModel,
        "sequence of element type " + std::to_string(proto.elem_type()) + ", expected 1: tensors");
  }
  Sequence sequence;
  for (const auto& item : proto.tensor_values()) {
    TENBIN_TRY(Tensor tensor, decode_tensor(item, nullptr));
    if (!sequence.items.empty() && tensor.type() != sequence.type) {
      return Error(ErrorCode::kBadModel, "sequence of " + std::string(element_name(sequence.type)) +
                                             " and " + std::string(element_name(tensor.type())));
    }
    sequence.type = tensor.type();
    sequence.items.push_back(std::make_shared<const Tensor>(std::move(tensor)));
  }
  return Value(std::move(sequence));
}

Result<Value> decode_optional(const onnx_wire::OptionalProto& proto) {
  if (proto.has_tensor_value()) {
    TENBIN_TRY(Tensor tensor, decode_tensor(proto.tensor_value(), nullptr));
    return Value(std::move(tensor));
  }
  if (proto.has_sequence_value()) return decode_sequence(proto.sequence_value());
  return Value();
}

void encode_tensor(const Tensor& tensor, onnx_wire::TensorProto& proto) {
  for (const std::int64_t size : tensor.shape()) proto.add_dims(size);
  proto.set_data_type(static_cast<int>(tensor.type()));
  if (tensor.is_string()) {
    for (const std::string& text : tensor.data<std::string>()) proto.add_string_data(text);
    return;
  }
  proto.set_raw_data(reinterpret_cast<const char*>(tensor.bytes().data()), tensor.byte_size());
}

}  // namespace tenbin
