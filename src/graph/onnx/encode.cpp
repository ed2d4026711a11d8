// SPDX-License-Identifier: Apache-2.0
#include "graph/onnx/encode.h"

#include <type_traits>

#include "base/limits.h"
#include "graph/onnx/onnx.pb.h"
#include "graph/onnx/tensor_codec.h"

namespace tenbin {
namespace {

void encode_value_info(const ValueInfo& info, onnx_wire::ValueInfoProto& proto) {
  proto.set_name(info.name);
  const bool holder = info.kind != ValueKind::kTensor;
  if (info.type == ElementType::kUndefined && !info.has_shape && !holder) return;
  onnx_wire::TypeProto* type = proto.mutable_type();
  if (info.kind == ValueKind::kOptional || info.kind == ValueKind::kOptionalSequence) {
    type = type->mutable_optional_type()->mutable_elem_type();
  }
  if (info.kind == ValueKind::kSequence || info.kind == ValueKind::kOptionalSequence) {
    type = type->mutable_sequence_type()->mutable_elem_type();
  }
  auto& tensor = *type->mutable_tensor_type();
  if (info.type != ElementType::kUndefined) tensor.set_elem_type(static_cast<int>(info.type));
  if (!info.has_shape) return;
  auto& shape = *tensor.mutable_shape();
  for (std::size_t i = 0; i < info.shape.size(); ++i) {
    auto& dim = *shape.add_dim();
    if (info.shape[i] >= 0) {
      dim.set_dim_value(info.shape[i]);
    } else if (i == 0) {
      dim.set_dim_param("batch");
    }
  }
}

struct AttributeWriter {
  onnx_wire::AttributeProto& proto;
  int depth;

  Status operator()(std::int64_t value) const {
    proto.set_type(2);
    proto.set_i(value);
    return {};
  }
  Status operator()(float value) const {
    proto.set_type(1);
    proto.set_f(value);
    return {};
  }
  Status operator()(const std::string& value) const {
    proto.set_type(3);
    proto.set_s(value);
    return {};
  }
  Status operator()(const Tensor& value) const {
    proto.set_type(4);
    encode_tensor(value, *proto.mutable_t());
    return {};
  }
  Status operator()(const std::vector<std::int64_t>& values) const {
    proto.set_type(7);
    proto.mutable_ints()->Assign(values.begin(), values.end());
    return {};
  }
  Status operator()(const std::vector<float>& values) const {
    proto.set_type(6);
    proto.mutable_floats()->Assign(values.begin(), values.end());
    return {};
  }
  Status operator()(const std::vector<std::string>& values) const {
    proto.set_type(8);
    for (const std::string& value : values) proto.add_strings(value);
    return {};
  }
  Status operator()(const std::shared_ptr<const Subgraph>& value) const {
    proto.set_type(5);
    if (value == nullptr) return Error(ErrorCode::kBadModel, "subgraph is missing");
    return encode_graph(value->graph, *proto.mutable_g(), depth + 1);
  }
};

Status encode_node(const OpCall& call, onnx_wire::NodeProto& proto, int depth) {
  proto.set_op_type(call.op);
  if (!call.domain.empty()) proto.set_domain(call.domain);
  if (!call.name.empty()) proto.set_name(call.name);
  for (const std::string& input : call.inputs) proto.add_input(input);
  for (const std::string& output : call.outputs) proto.add_output(output);
  for (const auto& [name, value] : call.attributes) {
    auto& attribute = *proto.add_attribute();
    attribute.set_name(name);
    TENBIN_CHECK(std::visit(AttributeWriter{attribute, depth}, value));
  }
  return {};
}

}  // namespace

Status encode_graph(const Graph& graph, onnx_wire::GraphProto& proto, int depth) {
  if (depth > limits::kSubgraphDepth) {
    return Error(ErrorCode::kBadModel,
                 "graphs nested deeper than " + std::to_string(limits::kSubgraphDepth));
  }
  proto.set_name(graph.name.empty() ? "graph" : graph.name);
  for (const ValueInfo& info : graph.inputs) encode_value_info(info, *proto.add_input());
  for (const ValueInfo& info : graph.outputs) {
    if (info.name.empty()) return Error(ErrorCode::kBadModel, "output without a name");
    encode_value_info(info, *proto.add_output());
  }
  for (const OpCall& call : graph.nodes) {
    TENBIN_CHECK(encode_node(call, *proto.add_node(), depth));
  }
  for (const auto& [name, tensor] : graph.initializers) {
    auto& out = *proto.add_initializer();
    out.set_name(name);
    encode_tensor(tensor, out);
  }
  for (const auto& [name, info] : graph.values) {
    bool is_output = false;
    for (const ValueInfo& output : graph.outputs) is_output |= output.name == name;
    if (is_output || info.type == ElementType::kUndefined) continue;  // said already, or unknown
    auto& out = *proto.add_value_info();
    encode_value_info(info, out);
    out.set_name(name);
  }
  return {};
}

}  // namespace tenbin
