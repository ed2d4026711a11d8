// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "tensor/tensor.h"

namespace tenbin {

class ExternalData;
namespace onnx_wire {
class TensorProto;
}

// The element type of a TensorProto.DataType number. Error kBadModel: a type that we do not hold
// (complex, 8-bit floats, 4-bit integers), by name.
Result<ElementType> element_type_of(int data_type);

// A tensor in any of ONNX's encodings: raw bytes, typed fields, strings, external data.
// The data must be exactly as long as shape x type says. `external` may be null: then external
// data is refused. Errors kBadModel, kTooLarge and those of ExternalData.
Result<Tensor> decode_tensor(const onnx_wire::TensorProto& proto, ExternalData* external);

// Numbers as raw little-endian bytes, strings one by one. Leaves the name alone.
void encode_tensor(const Tensor& tensor, onnx_wire::TensorProto& proto);

}  // namespace tenbin
