// SPDX-License-Identifier: Apache-2.0
#include "engine/op_case.h"

#include "engine/session.h"

namespace tenbin {

Result<std::vector<Tensor>> run_op(const OpCall& call, const std::vector<Tensor>& inputs) {
  const OpEntry* entry = find_op(call.domain, call.op);
  if (entry == nullptr) return Error(ErrorCode::kUnsupportedOp, "no operator '" + call.op + "'");
  std::vector<const Tensor*> pointers;
  for (const Tensor& input : inputs) pointers.push_back(input.defined() ? &input : nullptr);
  std::shared_ptr<const void> prepared;
  if (entry->prepare != nullptr) {
    TENBIN_TRY(prepared, entry->prepare(call));
  }
  return entry->compute(call, pointers, prepared.get());
}

Result<std::vector<Value>> run_calls(const std::vector<OpCall>& calls,
                                     std::vector<NamedInput> inputs,
                                     const std::vector<std::string>& outputs) {
  Model model;
  model.opsets["ai.onnx.ml"] = 3;
  model.graph.nodes = calls;
  std::vector<Value> values;
  for (NamedInput& input : inputs) {
    ValueInfo info{input.name, ElementType::kUndefined, {}, false};
    if (input.value.tensor() == nullptr) {
      info.kind = input.value.nothing() ? ValueKind::kOptional : ValueKind::kSequence;
    }
    model.graph.inputs.push_back(std::move(info));
    values.push_back(std::move(input.value));
  }
  for (const std::string& name : outputs) {
    model.graph.outputs.push_back({name, ElementType::kUndefined, {}, false});
  }
  if (!calls.empty()) model.opsets[calls.front().domain] = calls.front().opset;
  TENBIN_TRY(const std::unique_ptr<Session> session, Session::create(model, {}));
  return session->run_values(std::move(values));
}

OpCall named_call(const std::string& op, std::vector<std::string> inputs,
                  std::vector<std::string> outputs, Attributes attributes) {
  OpCall call;
  call.op = op;
  call.inputs = std::move(inputs);
  call.outputs = std::move(outputs);
  call.attributes = std::move(attributes);
  return call;
}

Attribute body_of(const std::vector<OpCall>& calls, const std::vector<std::string>& inputs,
                  const std::vector<std::string>& outputs) {
  Subgraph body;
  body.graph.nodes = calls;
  for (const auto& name : inputs) {
    body.graph.inputs.push_back({name, ElementType::kUndefined, {}, false});
  }
  for (const auto& name : outputs) {
    body.graph.outputs.push_back({name, ElementType::kUndefined, {}, false});
  }
  return std::make_shared<const Subgraph>(std::move(body));
}

}  // namespace tenbin
