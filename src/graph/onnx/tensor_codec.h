// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "tensor/value.h"

namespace tenbin {

class ExternalData;
namespace onnx_wire {
class TensorProto;
class SequenceProto;
class OptionalProto;
}  // namespace onnx_wire

// The element type of a TensorProto.DataType number. Error kBadModel: a type that we do not hold
// (complex, 8-bit floats, 4-bit integers), by name.
Result<ElementType> element_type_of(int data_type);

// A tensor in any of ONNX's encodings: raw bytes, typed fields, strings, external data.
// The data must be exactly as long as shape x type says. `external` may be null: then external
// data is refused. Errors kBadModel, kTooLarge and those of ExternalData.
Result<Tensor> decode_tensor(const onnx_wire::TensorProto& proto, ExternalData* external);

// A sequence or an optional of tensors; errors as of its tensors, and kBadModel for other contents.
Result<Value> decode_sequence(const onnx_wire::SequenceProto& proto);
Result<Value> decode_optional(const onnx_wire::OptionalProto& proto);

// Numbers as raw little-endian bytes, strings one by one. Leaves the name alone.
void encode_tensor(const Tensor& tensor, onnx_wire::TensorProto& proto);

}  // namespace tenbin
