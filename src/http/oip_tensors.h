// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json_reader.h"
#include "base/result.h"
#include "tensor/tensor.h"

namespace tenbin {

// Tensors as the Open Inference Protocol v2 writes them.

// "FP32" and the like; BYTES are strings.
std::optional<ElementType> oip_type(std::string_view name);
std::string_view oip_name(ElementType type);
// "expected one of BOOL, UINT8, ...".
std::string oip_types();

// A tensor of zeros of a shape that came from outside. Errors kBadRequest: a rank or size beyond
// its limit, or more elements than `most`.
Result<Tensor> tensor_of_shape(std::string_view name, ElementType type, const Shape& shape,
                               std::int64_t most);

// Little-endian, row-major, without padding; BYTES as a length of 4 bytes and as many bytes, each.
// Error kBadRequest: the bytes are not those of the shape.
Result<Tensor> tensor_from_bytes(std::string_view name, ElementType type, const Shape& shape,
                                 std::string_view bytes);
void append_bytes(const Tensor& tensor, std::string& out);
std::size_t byte_length(const Tensor& tensor);

// The JSON array at the reader, nested as the shape or flat. Error kBadRequest.
Result<Tensor> tensor_from_json(std::string_view name, ElementType type, const Shape& shape,
                                JsonReader& in, std::int64_t most);
// A flat array. Error kBadRequest: 16-bit floats have no JSON form.
Status append_json(const Tensor& tensor, std::string& out);
void append_json_text(std::string_view text, std::string& out);  // in quotes

}  // namespace tenbin
