// SPDX-License-Identifier: Apache-2.0
#include "graph/onnx/inline_functions.h"

#include <map>
#include <string>
#include <utility>

#include "base/limits.h"
#include "graph/onnx/onnx.pb.h"

namespace tenbin {
namespace {

using onnx_wire::AttributeProto;
using onnx_wire::FunctionProto;
using onnx_wire::GraphProto;
using onnx_wire::NodeProto;
using Names = std::map<std::string, std::string>;

std::string domain_key(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

std::string place(const NodeProto& call) {
  return "node '" + (call.name().empty() ? call.op_type() : call.name()) + "'";
}

class Inliner {
 public:
  explicit Inliner(onnx_wire::ModelProto& model) : model_(model) {}

  Status run() {
    for (const FunctionProto& function : model_.functions()) {
      functions_[{domain_key(function.domain()), function.name()}] = &function;
    }
    for (const auto& import : model_.opset_import()) {
      opsets_[domain_key(import.domain())] = import.version();
    }
    TENBIN_CHECK(expand_graph(*model_.mutable_graph(), 0));
    model_.clear_functions();
    return {};
  }

 private:
  const FunctionProto* function_of(const NodeProto& node) const {
    const auto found = functions_.find({domain_key(node.domain()), node.op_type()});
    return found == functions_.end() || !node.overload().empty() ? nullptr : found->second;
  }

  Status expand_graph(GraphProto& graph, int depth) {
    google::protobuf::RepeatedPtrField<NodeProto> nodes;
    nodes.Swap(graph.mutable_node());
    for (NodeProto& node : nodes) TENBIN_CHECK(expand_node(node, graph, depth));
    return {};
  }

  // Appends a node to a graph, or what stands for it.
  Status expand_node(NodeProto& node, GraphProto& graph, int depth) {
    if (depth > limits::kSubgraphDepth) {
      return Error(
          ErrorCode::kTooLarge,
          "functions that call each other deeper than " + std::to_string(limits::kSubgraphDepth),
          place(node));
    }
    const FunctionProto* function = function_of(node);
    if (function != nullptr) return expand_call(node, *function, graph, depth);
    for (AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) TENBIN_CHECK(expand_graph(*attribute.mutable_g(), depth));
    }
    *graph.add_node() = std::move(node);
    return {};
  }

  Status expand_call(const NodeProto& call, const FunctionProto& function, GraphProto& graph,
                     int depth) {
    if (call.input_size() > function.input_size() || call.output_size() > function.output_size()) {
      return Error(ErrorCode::kBadModel,
                   "call of function '" + function.name() + "' with " +
                       std::to_string(call.input_size()) + " inputs and " +
                       std::to_string(call.output_size()) + " outputs, expected at most " +
                       std::to_string(function.input_size()) + " and " +
                       std::to_string(function.output_size()),
                   place(call));
    }
    TENBIN_CHECK(check_opsets(function));
    const Names names = names_of(call, function);
    for (const NodeProto& inner : function.node()) {
      bytes_ += inner.ByteSizeLong();
      if (++nodes_ > limits::kModelNodes || bytes_ > limits::kInlinedBytes) {
        return Error(ErrorCode::kTooLarge,
                     "functions written out are more than " + std::to_string(limits::kModelNodes) +
                         " nodes or " + std::to_string(limits::kInlinedBytes) + " bytes",
                     place(call));
      }
      NodeProto copy = inner;
      bind(copy, call, function, names);
      TENBIN_CHECK(expand_node(copy, graph, depth + 1));
    }
    return {};
  }

  // A function's nodes mean what its own imports say; we keep one operator set a domain.
  Status check_opsets(const FunctionProto& function) {
    for (const auto& import : function.opset_import()) {
      const std::string domain = domain_key(import.domain());
      const auto [found, fresh] = opsets_.emplace(domain, import.version());
      if (fresh) {
        auto& added = *model_.add_opset_import();
        added.set_domain(import.domain());
        added.set_version(import.version());
      } else if (found->second != import.version()) {
        return Error(ErrorCode::kBadModel, "function '" + function.name() + "' of operator set " +
                                               std::to_string(import.version()) + ", expected " +
                                               std::to_string(found->second) + " as the model");
      }
    }
    return {};
  }

  // Names of the function's scope in the graph that calls it; an input left out stays empty.
  Names names_of(const NodeProto& call, const FunctionProto& function) {
    Names names;
    const std::string prefix = function.name() + "/" + std::to_string(calls_++) + "/";
    for (const NodeProto& node : function.node()) {
      for (const std::string& output : node.output()) {
        if (!output.empty()) names[output] = prefix + output;
      }
    }
    for (int i = 0; i < function.output_size(); ++i) {
      const bool wanted = i < call.output_size() && !call.output(i).empty();
      names[function.output(i)] = wanted ? call.output(i) : prefix + function.output(i);
    }
    for (int i = 0; i < function.input_size(); ++i) {
      names[function.input(i)] = i < call.input_size() ? call.input(i) : "";
    }
    return names;
  }

  static void bind(NodeProto& node, const NodeProto& call, const FunctionProto& function,
                   const Names& names) {
    const auto rename = [&](std::string& name) {
      if (const auto found = names.find(name); found != names.end()) name = found->second;
    };
    for (std::string& name : *node.mutable_input()) rename(name);
    for (std::string& name : *node.mutable_output()) rename(name);
    google::protobuf::RepeatedPtrField<AttributeProto> attributes;
    attributes.Swap(node.mutable_attribute());
    for (AttributeProto& attribute : attributes) {
      if (!attribute.ref_attr_name().empty()) {
        const AttributeProto* given = given_attribute(attribute.ref_attr_name(), call, function);
        if (given == nullptr) continue;
        AttributeProto& copy = *node.add_attribute();
        copy = *given;
        copy.set_name(attribute.name());
        continue;
      }
      if (attribute.has_g()) bind_graph(*attribute.mutable_g(), call, function, names);
      *node.add_attribute() = std::move(attribute);
    }
  }

  static void bind_graph(GraphProto& graph, const NodeProto& call, const FunctionProto& function,
                         const Names& names) {
    for (NodeProto& node : *graph.mutable_node()) bind(node, call, function, names);
    for (auto& output : *graph.mutable_output()) {
      if (const auto found = names.find(output.name()); found != names.end()) {
        output.set_name(found->second);
      }
    }
  }

  static const AttributeProto* given_attribute(const std::string& name, const NodeProto& call,
                                               const FunctionProto& function) {
    for (const AttributeProto& attribute : call.attribute()) {
      if (attribute.name() == name) return &attribute;
    }
    for (const AttributeProto& attribute : function.attribute_proto()) {
      if (attribute.name() == name) return &attribute;
    }
    return nullptr;
  }

  onnx_wire::ModelProto& model_;
  std::map<std::pair<std::string, std::string>, const FunctionProto*> functions_;
  std::map<std::string, std::int64_t> opsets_;
  std::size_t calls_ = 0, nodes_ = 0, bytes_ = 0;
};

}  // namespace

Status inline_functions(onnx_wire::ModelProto& proto) {
  if (proto.functions_size() == 0) return {};
  return Inliner(proto).run();
}

}  // namespace tenbin
