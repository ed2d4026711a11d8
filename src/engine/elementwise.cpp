// SPDX-License-Identifier: Apache-2.0
#include "engine/elementwise.h"

namespace tenbin {

Result<BroadcastWalk> broadcast_walk(const std::vector<const Shape*>& operands) {
  BroadcastWalk w;
  for (const Shape* shape : operands) {
    TENBIN_TRY(w.shape, broadcast(w.shape, *shape));
  }
  for (const Shape* shape : operands) {
    std::vector<std::int64_t> strides(w.shape.size(), 0);
    std::int64_t stride = 1;
    for (std::size_t i = 0; i < shape->size(); ++i) {
      const std::size_t from = shape->size() - 1 - i;
      const std::size_t to = w.shape.size() - 1 - i;
      strides[to] = (*shape)[from] == 1 ? 0 : stride;
      stride *= (*shape)[from];
    }
    w.strides.push_back(std::move(strides));
  }
  return w;
}

Error bad_element_type(const OpCall& call, ElementType found, const std::string& expected) {
  return Error(ErrorCode::kUnsupportedOp,
               "operator '" + call.op + "' got " + std::string(element_name(found)) +
                   ", expected " + expected,
               "node '" + call.name + "'");
}

Error bad_operands(const OpCall& call, const std::string& what) {
  return Error(ErrorCode::kBadShape, "operator '" + call.op + "': " + what,
               "node '" + call.name + "'");
}

Status need_inputs(const OpCall& call, OpInputs inputs, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (i >= inputs.size() || inputs[i] == nullptr) {
      return Error(ErrorCode::kBadModel,
                   "operator '" + call.op + "' lacks input " + std::to_string(i),
                   "node '" + call.name + "'");
    }
  }
  return {};
}

Result<std::int64_t> axis_of(const OpCall& call, std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  const std::int64_t found = axis < 0 ? axis + size : axis;
  if (found < 0 || found >= size) {
    return bad_operands(
        call, "axis " + std::to_string(axis) + " of a tensor of rank " + std::to_string(rank));
  }
  return found;
}

OpCall op_call(const std::string& op, std::size_t inputs, Attributes attributes,
               const std::string& domain, std::size_t outputs) {
  OpCall call;
  call.op = op;
  call.domain = domain;
  call.name = op;
  call.attributes = std::move(attributes);
  for (std::size_t i = 0; i < inputs; ++i) call.inputs.push_back("i" + std::to_string(i));
  for (std::size_t i = 0; i < outputs; ++i) call.outputs.push_back("o" + std::to_string(i));
  return call;
}

const OpEntry* find_op(std::string_view domain, std::string_view op) {
  for (const OpEntry* entry : op_catalogue()) {
    if (entry->domain != domain) continue;
    for (const std::string_view name : entry->ops) {
      if (name == op) return entry;
    }
  }
  return nullptr;
}

}  // namespace tenbin
