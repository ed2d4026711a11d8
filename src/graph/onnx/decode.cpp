// SPDX-License-Identifier: Apache-2.0
#include "graph/onnx/decode.h"

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "graph/onnx/onnx.pb.h"
#include "graph/onnx/tensor_codec.h"

namespace tenbin {
namespace {

constexpr std::int64_t kOldestIr = 3;  // before it, opsets were not written down
constexpr std::int64_t kNewestIr = 13;
constexpr std::int64_t kIdentityOpset = 17;  // where a model had none of the default domain

Error bad(std::string message, std::string where = {}) {
  return Error(ErrorCode::kBadModel, std::move(message), std::move(where));
}

// "ai.onnx" is a second name of the default domain.
std::string domain_of(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

Result<ValueInfo> decode_value_info(const onnx_wire::ValueInfoProto& proto) {
  using Type = onnx_wire::TypeProto;
  ValueInfo info;
  info.name = proto.name();
  const std::string where = "value '" + info.name + "'";
  if (info.name.empty()) return bad("value without a name");
  info.has_shape = false;
  const Type* type = &proto.type();
  if (type->value_case() == Type::kOptionalType) {
    info.kind = ValueKind::kOptional;
    type = &type->optional_type().elem_type();
  }
  if (type->value_case() == Type::kSequenceType) {
    info.kind =
        info.kind == ValueKind::kOptional ? ValueKind::kOptionalSequence : ValueKind::kSequence;
    type = &type->sequence_type().elem_type();
  }
  constexpr const char* kExpected = ", expected tensor, sequence of tensors or optional of either";
  switch (type->value_case()) {
    case Type::kTensorType: break;
    case Type::VALUE_NOT_SET: return info;
    case Type::kSequenceType:
      return bad(std::string("type sequence of sequences") + kExpected, where);
    case Type::kMapType: return bad(std::string("type map") + kExpected, where);
    case Type::kOptionalType: return bad(std::string("type nested optional") + kExpected, where);
    case Type::kSparseTensorType: return bad(std::string("type sparse tensor") + kExpected, where);
    case Type::kOpaqueType: return bad(std::string("type opaque") + kExpected, where);
  }
  const Type::Tensor& tensor = type->tensor_type();
  if (tensor.elem_type() != 0) {
    auto element = element_type_of(tensor.elem_type());
    if (!element.ok()) return Error(element.error()).at(where);
    info.type = *element;
  }
  if (!tensor.has_shape()) return info;
  info.has_shape = true;
  if (static_cast<std::size_t>(tensor.shape().dim_size()) > limits::kTensorRank) {
    return Error(ErrorCode::kTooLarge,
                 "rank " + std::to_string(tensor.shape().dim_size()) + ", expected at most " +
                     std::to_string(limits::kTensorRank),
                 where);
  }
  for (const auto& dim : tensor.shape().dim()) {
    const bool known = dim.value_case() == onnx_wire::TensorShapeProto::Dimension::kDimValue;
    if (known && dim.dim_value() > limits::kTensorElements) {
      return Error(ErrorCode::kTooLarge, "size " + std::to_string(dim.dim_value()), where);
    }
    // Some writers put -1 where the size is free.
    info.shape.push_back(known && dim.dim_value() >= 0 ? dim.dim_value() : -1);
  }
  return info;
}

class GraphDecoder {
 public:
  explicit GraphDecoder(ExternalData* external) : external_(external) {}

  Result<Graph> graph(const onnx_wire::GraphProto& proto, int depth) {
    if (depth > limits::kSubgraphDepth) {
      return Error(ErrorCode::kTooLarge,
                   "graphs nested deeper than " + std::to_string(limits::kSubgraphDepth));
    }
    Graph graph;
    graph.name = proto.name();
    TENBIN_CHECK(initializers(proto, graph));
    TENBIN_CHECK(values(proto, graph));
    for (const auto& node : proto.node()) {
      if (++nodes_ > limits::kModelNodes) {
        return Error(ErrorCode::kTooLarge,
                     "more than " + std::to_string(limits::kModelNodes) + " nodes");
      }
      TENBIN_TRY(OpCall call, decode_node(node, depth));
      graph.nodes.push_back(std::move(call));
    }
    return graph;
  }

  // Domains that nodes use, in subgraphs too.
  const std::set<std::string>& domains() const { return domains_; }
  // Whether a ZipMap became an Identity.
  bool zips() const { return zips_; }

 private:
  Status initializers(const onnx_wire::GraphProto& proto, Graph& graph) {
    for (const auto& sparse : proto.sparse_initializer()) {
      return bad("sparse initialiser, expected a dense one",
                 "tensor '" + sparse.values().name() + "'");
    }
    for (const auto& tensor : proto.initializer()) {
      const std::string where = "tensor '" + tensor.name() + "'";
      if (tensor.name().empty()) return bad("initialiser without a name");
      auto value = decode_tensor(tensor, external_);
      if (!value.ok()) return Error(value.error()).at(where);
      if (!graph.initializers.emplace(tensor.name(), std::move(value).value()).second) {
        return bad("initialiser given twice", where);
      }
    }
    return {};
  }

  // ZipMap turns rows of scores into maps from label to score. We have no maps: the scores stay a
  // tensor with a column a class, under the name that the maps had.
  static bool is_zip(const onnx_wire::NodeProto& node) {
    return node.op_type() == "ZipMap" && node.domain() == "ai.onnx.ml";
  }
  static std::set<std::string> zipped_of(const onnx_wire::GraphProto& proto) {
    std::set<std::string> names;
    for (const auto& node : proto.node()) {
      if (is_zip(node)) names.insert(node.output().begin(), node.output().end());
    }
    return names;
  }

  Status values(const onnx_wire::GraphProto& proto, Graph& graph) {
    if (static_cast<std::size_t>(proto.output_size()) > limits::kModelInputs) {
      return Error(ErrorCode::kTooLarge, std::to_string(proto.output_size()) +
                                             " outputs, expected at most " +
                                             std::to_string(limits::kModelInputs));
    }
    for (const auto& input : proto.input()) {
      if (graph.initializers.count(input.name()) > 0) continue;  // a default: we make it constant
      TENBIN_TRY(ValueInfo info, decode_value_info(input));
      graph.inputs.push_back(std::move(info));
    }
    if (graph.inputs.size() > limits::kModelInputs) {
      return Error(ErrorCode::kTooLarge, std::to_string(graph.inputs.size()) +
                                             " inputs, expected at most " +
                                             std::to_string(limits::kModelInputs));
    }
    const std::set<std::string> zipped = zipped_of(proto);
    zips_ = zips_ || !zipped.empty();
    for (const auto& output : proto.output()) {
      if (zipped.contains(output.name()) && !output.name().empty()) {
        graph.outputs.push_back({output.name(), ElementType::kUndefined, {}, false});
        continue;
      }
      TENBIN_TRY(ValueInfo info, decode_value_info(output));
      graph.outputs.push_back(std::move(info));
    }
    for (const auto& value : proto.value_info()) {
      if (graph.initializers.count(value.name()) > 0) continue;
      auto info = decode_value_info(value);
      // An odd type in the middle matters only to the operator that makes it.
      if (info.ok()) graph.values[value.name()] = std::move(info).value();
    }
    for (const ValueInfo& input : graph.inputs) graph.values.erase(input.name);
    return {};
  }

  Result<OpCall> decode_node(const onnx_wire::NodeProto& proto, int depth) {
    OpCall call;
    call.op = proto.op_type();
    call.domain = domain_of(proto.domain());
    call.name = proto.name();
    if (is_zip(proto)) {
      call.op = "Identity";
      call.domain.clear();
    }
    call.inputs.assign(proto.input().begin(), proto.input().end());
    call.outputs.assign(proto.output().begin(), proto.output().end());
    const std::string where = "node '" + (call.name.empty() ? call.op : call.name) + "'";
    if (call.op.empty()) return bad("node without an operator", where);
    if (proto.has_overload() && !proto.overload().empty()) {
      return bad("call of function overload '" + proto.overload() + "', expected an operator",
                 where);
    }
    for (const auto& item : proto.attribute()) {
      if (is_zip(proto)) break;  // the labels, which the classifier gives too
      if (item.ByteSizeLong() > limits::kAttributeBytes) {
        return Error(ErrorCode::kTooLarge,
                     "attribute '" + item.name() + "' of " + std::to_string(item.ByteSizeLong()) +
                         " bytes, expected at most " + std::to_string(limits::kAttributeBytes),
                     where);
      }
      auto value = attribute(item, depth);
      if (!value.ok()) return Error(value.error()).at(where + ", attribute '" + item.name() + "'");
      if (!call.attributes.emplace(item.name(), std::move(value).value()).second) {
        return bad("attribute '" + item.name() + "' given twice", where);
      }
    }
    if (!is_zip(proto)) domains_.insert(call.domain);
    return call;
  }

  Result<Attribute> attribute(const onnx_wire::AttributeProto& proto, int depth) {
    if (!proto.ref_attr_name().empty()) {
      return bad("refers to '" + proto.ref_attr_name() + "' of a function, expected a value");
    }
    switch (proto.has_type() && proto.type() != 0 ? proto.type() : guess_type(proto)) {
      case 1: return Attribute(proto.f());
      case 2: return Attribute(std::int64_t{proto.i()});
      case 3: return Attribute(proto.s());
      case 4: {
        TENBIN_TRY(Tensor tensor, decode_tensor(proto.t(), external_));
        return Attribute(std::move(tensor));
      }
      case 5: {
        TENBIN_TRY(Graph body, graph(proto.g(), depth + 1));
        return Attribute(std::make_shared<const Subgraph>(Subgraph{std::move(body)}));
      }
      case 6: return Attribute(std::vector<float>(proto.floats().begin(), proto.floats().end()));
      case 7: return Attribute(std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end()));
      case 8:
        return Attribute(std::vector<std::string>(proto.strings().begin(), proto.strings().end()));
      default: break;
    }
    return bad("attribute type " + type_name(proto.type()) +
               ", expected float, int, string, tensor, graph, floats, ints or strings");
  }

  // Writers before IR 2 and some of today leave the type out.
  static int guess_type(const onnx_wire::AttributeProto& proto) {
    if (proto.has_f()) return 1;
    if (proto.has_i()) return 2;
    if (proto.has_s()) return 3;
    if (proto.has_t()) return 4;
    if (proto.has_g()) return 5;
    if (proto.floats_size() > 0) return 6;
    if (proto.ints_size() > 0) return 7;
    return proto.strings_size() > 0 ? 8 : 0;
  }

  static std::string type_name(int type) {
    switch (type) {
      case 9: return "tensors";
      case 10: return "graphs";
      case 11:
      case 12: return "sparse tensor";
      case 13:
      case 14: return "type";
      default: return std::to_string(type);
    }
  }

  ExternalData* external_;
  std::size_t nodes_ = 0;
  std::set<std::string> domains_;
  bool zips_ = false;
};

Status check_names(const Graph& graph) {
  for (const auto* list : {&graph.inputs, &graph.outputs}) {
    for (const ValueInfo& info : *list) {
      if (info.name.size() <= limits::kTensorName) continue;
      return Error(ErrorCode::kTooLarge,
                   "name of " + std::to_string(info.name.size()) + " bytes, expected at most " +
                       std::to_string(limits::kTensorName),
                   "value '" + info.name.substr(0, 64) + "...'");
    }
  }
  return {};
}

}  // namespace

Result<Model> decode_model(const onnx_wire::ModelProto& proto, ExternalData* external) {
  if (!proto.has_graph()) return bad("not an ONNX model, or cut short: it holds no graph");
  Model model;
  model.ir_version = proto.ir_version();
  if (model.ir_version < kOldestIr || model.ir_version > kNewestIr) {
    return bad("IR version " + std::to_string(model.ir_version) + ", expected " +
               std::to_string(kOldestIr) + " to " + std::to_string(kNewestIr));
  }
  model.producer_name = proto.producer_name();
  model.producer_version = proto.producer_version();
  model.doc = proto.doc_string();
  model.opsets.clear();
  for (const auto& opset : proto.opset_import()) {
    if (opset.version() < 1) return bad("opset version " + std::to_string(opset.version()));
    model.opsets[domain_of(opset.domain())] = opset.version();
  }
  for (const auto& entry : proto.metadata_props()) model.metadata[entry.key()] = entry.value();
  GraphDecoder decoder(external);
  TENBIN_TRY(model.graph, decoder.graph(proto.graph(), 1));
  if (model.opsets.empty()) return bad("no operator set is imported: the file may be cut short");
  for (const std::string& domain : decoder.domains()) {
    if (model.opsets.count(domain) == 0) {
      return bad("operators of domain '" + (domain.empty() ? "ai.onnx" : domain) +
                 "' are used, but no version of it is imported");
    }
  }
  if (decoder.zips()) model.opsets.try_emplace("", kIdentityOpset);
  stamp_opsets(model.graph, model.opsets);
  TENBIN_CHECK(check_names(model.graph));
  TENBIN_CHECK(check_and_sort(model.graph));
  return model;
}

}  // namespace tenbin
