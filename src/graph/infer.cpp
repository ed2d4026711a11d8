// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>

#include "base/limits.h"
#include "graph/graph.h"
#include "graph/inference.h"
#include "graph/schema.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostIntegers = 64;  // longer tensors are no shapes

std::string place(const OpCall& call) {
  return "node '" + (call.name.empty() ? call.op : call.name) + "'";
}

// Sizes that later arithmetic can rely on.
Status check_outputs(const InferCall& call) {
  for (const Known& output : call.outputs) {
    if (!output.shape) continue;
    if (output.shape->size() > limits::kTensorRank) {
      return Error(ErrorCode::kTooLarge, "rank " + std::to_string(output.shape->size()) +
                                             ", expected at most " +
                                             std::to_string(limits::kTensorRank));
    }
    for (const std::int64_t size : *output.shape) {
      if (size < -1 || size > limits::kTensorElements) {
        return Error(ErrorCode::kTooLarge, "shape " + to_text(*output.shape) + " of a result");
      }
    }
  }
  return {};
}

using SchemaIndex = std::map<std::pair<std::string_view, std::string_view>, const OpSchema*>;

const SchemaIndex& schema_index() {
  static const SchemaIndex index = [] {
    SchemaIndex out;
    for (const SchemaFamily* family : schema_catalogue()) {
      for (const OpSchema& schema : family->schemas) {
        for (const std::string_view op : schema.ops) out[{schema.domain, op}] = &schema;
      }
    }
    return out;
  }();
  return index;
}

}  // namespace

ElementType InferCall::type(std::size_t i) const {
  return has(i) ? inputs[i]->type : ElementType::kUndefined;
}
const Shape* InferCall::shape(std::size_t i) const {
  return has(i) && inputs[i]->shape ? &*inputs[i]->shape : nullptr;
}
const std::vector<std::int64_t>* InferCall::integers(std::size_t i) const {
  return has(i) && inputs[i]->integers ? &*inputs[i]->integers : nullptr;
}
std::optional<std::vector<std::int64_t>> InferCall::integers_of(const std::string& attribute,
                                                                std::size_t i) const {
  if (call.find(attribute) != nullptr) return call.integers(attribute);
  const Tensor* constant = has(i) ? inputs[i]->constant : nullptr;
  if (constant != nullptr && constant->type() == ElementType::kInt64) {
    const auto data = constant->data<std::int64_t>();  // may hold INT64_MIN as a value
    return std::vector<std::int64_t>(data.begin(), data.end());
  }
  const auto* known = integers(i);
  if (known == nullptr) return std::nullopt;
  if (std::find(known->begin(), known->end(), kUnknownElement) != known->end()) {
    return std::nullopt;
  }
  return *known;
}
void InferCall::set(std::size_t i, ElementType type, std::optional<Shape> shape) {
  if (i >= outputs.size()) return;
  outputs[i].type = type;
  outputs[i].shape = std::move(shape);
}
Error InferCall::bad_shape(std::string message) const {
  return Error(ErrorCode::kBadShape, call.op + ": " + std::move(message));
}

Result<std::size_t> normal_axis(std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < -size || axis >= size) {
    return Error(ErrorCode::kBadShape,
                 "axis " + std::to_string(axis) + " of a tensor of rank " + std::to_string(rank));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

const OpSchema* find_schema(std::string_view domain, std::string_view op) {
  const auto found = schema_index().find({domain, op});
  return found == schema_index().end() ? nullptr : found->second;
}

Known known_constant(const Tensor& tensor) {
  Known known{tensor.type(), tensor.shape(), &tensor, std::nullopt};
  if (tensor.count() > kMostIntegers) return known;
  if (tensor.type() == ElementType::kInt64) {
    const auto data = tensor.data<std::int64_t>();
    known.integers.emplace(data.begin(), data.end());
  } else if (tensor.type() == ElementType::kInt32) {
    const auto data = tensor.data<std::int32_t>();
    known.integers.emplace(data.begin(), data.end());
  }
  return known;
}

Status Inference::run(const OpCall& call, const OpSchema& schema, InferCall& out) {
  for (const std::string& input : call.inputs) {
    static const Known kUnknown;
    if (input.empty()) {
      out.inputs.push_back(nullptr);
      continue;
    }
    const auto found = known.find(input);
    out.inputs.push_back(found == known.end() ? &kUnknown : &found->second);
  }
  out.outputs.resize(call.outputs.size());
  Status status = schema.infer(out);
  if (status.ok()) status = check_outputs(out);
  if (!status.ok()) return Error(status.error()).at(place(call));
  return {};
}

Result<Inference> infer(const Graph& graph,
                        const std::function<Status(const InferCall&, const OpSchema*)>& visit) {
  Inference inference;
  for (const auto& [name, tensor] : graph.initializers) {
    inference.known.emplace(name, known_constant(tensor));
  }
  for (const ValueInfo& input : graph.inputs) {
    Known& known = inference.known[input.name];
    if (input.kind != ValueKind::kTensor) continue;  // nothing is said of what is in it
    known.type = input.type;
    if (input.has_shape) known.shape = input.shape;
  }
  for (const OpCall& call : graph.nodes) {
    const OpSchema* schema = find_schema(call.domain, call.op);
    InferCall work{call, {}, {}};
    if (schema != nullptr) {
      TENBIN_CHECK(inference.run(call, *schema, work));
    } else {
      work.outputs.resize(call.outputs.size());
    }
    if (visit) TENBIN_CHECK(visit(work, schema));
    for (std::size_t i = 0; i < call.outputs.size(); ++i) {
      Known& known = work.outputs[i];
      const auto declared = graph.values.find(call.outputs[i]);
      // What a file says of a value is used where we cannot tell ourselves.
      if (declared != graph.values.end() && declared->second.kind == ValueKind::kTensor) {
        if (!known.shape && declared->second.has_shape) known.shape = declared->second.shape;
        if (known.type == ElementType::kUndefined) known.type = declared->second.type;
      }
      if (!call.outputs[i].empty()) inference.known[call.outputs[i]] = std::move(known);
    }
  }
  return inference;
}

Status infer_shapes(Graph& graph) {
  TENBIN_TRY(const Inference inference, infer(graph, {}));
  std::map<std::string, ValueInfo> values;
  for (const OpCall& call : graph.nodes) {
    for (const std::string& output : call.outputs) {
      const auto found = inference.known.find(output);
      if (output.empty() || found == inference.known.end()) continue;
      const Known& known = found->second;
      if (known.type == ElementType::kUndefined && !known.shape) continue;
      values[output] =
          ValueInfo{output, known.type, known.shape.value_or(Shape{}), known.shape.has_value()};
    }
  }
  for (ValueInfo& output : graph.outputs) {
    const auto found = inference.known.find(output.name);
    if (found == inference.known.end() || output.kind != ValueKind::kTensor) continue;
    if (found->second.type != ElementType::kUndefined) output.type = found->second.type;
    if (found->second.shape) {
      output.shape = *found->second.shape;
      output.has_shape = true;
    }
  }
  graph.values = std::move(values);
  return {};
}

Result<std::vector<ValueInfo>> infer_call(const OpCall& call, std::span<const ValueInfo> inputs,
                                          std::span<const Tensor* const> constants) {
  const OpSchema* schema = find_schema(call.domain, call.op);
  if (schema == nullptr) {
    return Error(ErrorCode::kUnsupportedOp, "unknown operator '" + call.op + "'", place(call));
  }
  Inference inference;
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    if (call.inputs[i].empty()) continue;
    Known& known = inference.known[call.inputs[i]];
    if (i < constants.size() && constants[i] != nullptr) {
      known = known_constant(*constants[i]);
    } else if (i < inputs.size()) {
      known.type = inputs[i].type;
      if (inputs[i].has_shape) known.shape = inputs[i].shape;
    }
  }
  InferCall work{call, {}, {}};
  TENBIN_CHECK(inference.run(call, *schema, work));
  std::vector<ValueInfo> out;
  for (std::size_t i = 0; i < work.outputs.size(); ++i) {
    const Known& known = work.outputs[i];
    out.push_back(
        {call.outputs[i], known.type, known.shape.value_or(Shape{}), known.shape.has_value()});
  }
  return out;
}

}  // namespace tenbin
