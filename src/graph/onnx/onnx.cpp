// SPDX-License-Identifier: Apache-2.0
#include "graph/onnx.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <limits>
#include <vector>

#include "base/limits.h"
#include "graph/onnx/decode.h"
#include "graph/onnx/encode.h"
#include "graph/onnx/external_data.h"
#include "graph/onnx/inline_functions.h"
#include "graph/onnx/onnx.pb.h"
#include "graph/onnx/tensor_codec.h"
#include "graph/onnx/wire_scan.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostBytes =
    std::min<std::int64_t>(limits::kModelBytes, std::numeric_limits<int>::max());

Status check_size(std::size_t bytes) {
  if (static_cast<std::int64_t>(bytes) <= kMostBytes) return {};
  return Error(ErrorCode::kTooLarge,
               std::to_string(bytes) + " bytes, expected at most " + std::to_string(kMostBytes));
}

// Within the limits of size, depth and number that scan_wire() checks before.
template <class Message> Result<Message> parse_message(std::span<const std::byte> bytes) {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  in.SetRecursionLimit(limits::kProtobufDepth);
  in.SetTotalBytesLimit(static_cast<int>(bytes.size()));
  Message proto;
  if (!proto.ParseFromCodedStream(&in) || !in.ConsumedEntireMessage()) {
    return Error(ErrorCode::kBadModel, "not an ONNX message, or cut short");
  }
  return proto;
}

Result<Model> parse(std::span<const std::byte> bytes, ExternalData* external) {
  TENBIN_CHECK(check_size(bytes.size()));
  TENBIN_CHECK(scan_wire(bytes));
  TENBIN_TRY(onnx_wire::ModelProto proto, parse_message<onnx_wire::ModelProto>(bytes));
  TENBIN_CHECK(inline_functions(proto));
  TENBIN_TRY(Model model, decode_model(proto, external));
  if (external != nullptr) TENBIN_CHECK(external->check_gaps());
  return model;
}

Status append_message(const onnx_wire::ModelProto& proto, std::string& out) {
  const std::size_t size = proto.ByteSizeLong();
  if (size + out.size() > static_cast<std::size_t>(kMostBytes)) {
    return Error(ErrorCode::kTooLarge, "model of " + std::to_string(size) +
                                           " bytes, expected at most " +
                                           std::to_string(kMostBytes));
  }
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  if (!proto.SerializeToCodedStream(&coded)) {
    return Error(ErrorCode::kBug, "model could not be written");
  }
  return {};
}

}  // namespace

Result<Model> parse_onnx(std::span<const std::byte> bytes) { return parse(bytes, nullptr); }

Result<NamedValue> parse_onnx_value(std::span<const std::byte> bytes, ValueKind kind) {
  TENBIN_CHECK(check_size(bytes.size()));
  switch (kind) {
    case ValueKind::kTensor: {
      TENBIN_CHECK(scan_wire(bytes, WireRoot::kTensor));
      TENBIN_TRY(const auto proto, parse_message<onnx_wire::TensorProto>(bytes));
      TENBIN_TRY(Tensor tensor, decode_tensor(proto, nullptr));
      return NamedValue{proto.name(), std::move(tensor)};
    }
    case ValueKind::kSequence: {
      TENBIN_CHECK(scan_wire(bytes, WireRoot::kSequence));
      TENBIN_TRY(const auto proto, parse_message<onnx_wire::SequenceProto>(bytes));
      TENBIN_TRY(Value value, decode_sequence(proto));
      return NamedValue{proto.name(), std::move(value)};
    }
    case ValueKind::kOptional:
    case ValueKind::kOptionalSequence: break;
  }
  TENBIN_CHECK(scan_wire(bytes, WireRoot::kOptional));
  TENBIN_TRY(const auto proto, parse_message<onnx_wire::OptionalProto>(bytes));
  TENBIN_TRY(Value value, decode_optional(proto));
  return NamedValue{proto.name(), std::move(value)};
}

Result<Model> read_onnx(FileSystem& files, const std::string& path) {
  TENBIN_TRY(const std::unique_ptr<ReadableFile> file, files.open(path));
  TENBIN_TRY(const std::int64_t size, file->size());
  if (size > kMostBytes) {
    return Error(ErrorCode::kTooLarge,
                 "model of " + std::to_string(size) + " bytes, expected at most " +
                     std::to_string(kMostBytes),
                 path);
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  TENBIN_TRY(const std::size_t got, file->read_at(0, bytes));
  bytes.resize(got);
  ExternalData external(files, folder_of(path));
  auto model = parse(bytes, &external);
  if (!model.ok()) return Error(model.error()).at(path);
  return model;
}

Result<std::string> write_onnx(const Model& model) {
  // A message may come in pieces, which readers join. The operator sets go last and the default
  // domain last of all: a file cut short at any byte then lacks what a reader must have.
  onnx_wire::ModelProto head;
  head.set_ir_version(model.ir_version);
  if (!model.producer_name.empty()) head.set_producer_name(model.producer_name);
  if (!model.producer_version.empty()) head.set_producer_version(model.producer_version);
  if (!model.doc.empty()) head.set_doc_string(model.doc);
  for (const auto& [key, value] : model.metadata) {
    auto& entry = *head.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  onnx_wire::ModelProto body;
  TENBIN_CHECK(encode_graph(model.graph, *body.mutable_graph(), 1));
  for (auto opset = model.opsets.rbegin(); opset != model.opsets.rend(); ++opset) {
    auto& import = *body.add_opset_import();
    import.set_domain(opset->first);
    import.set_version(opset->second);
  }
  std::string out;
  TENBIN_CHECK(append_message(head, out));
  TENBIN_CHECK(append_message(body, out));
  return out;
}

}  // namespace tenbin
