// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

class FileSystem;

// Reads an ONNX model: IR 3 to 13, any opset (what cannot run is refused later, by name). Limits
// of base/limits.h hold. External data is read through the single opener below the model's folder.
// Errors kBadModel with node or tensor, kTooLarge, kUnsafePath.
Result<Model> read_onnx(FileSystem& files, const std::string& path);
// From memory; external data is refused.
Result<Model> parse_onnx(std::span<const std::byte> bytes);

// A value as a file of its own: a TensorProto, SequenceProto or OptionalProto, as `kind` says.
struct NamedValue {
  std::string name;  // may be empty
  Value value;
};
Result<NamedValue> parse_onnx_value(std::span<const std::byte> bytes, ValueKind kind);

// Writes the same bytes for the same model: no time stamps, ordered metadata. IR and opsets as in
// the model (default 8 and 17; ai.onnx.ml 3).
Result<std::string> write_onnx(const Model& model);

}  // namespace tenbin
