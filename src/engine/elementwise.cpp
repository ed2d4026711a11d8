// SPDX-License-Identifier: Apache-2.0
#include "engine/elementwise.h"

#include <algorithm>

#include "base/limits.h"

namespace tenbin {

Result<Tensor> checked_tensor(ElementType type, Shape shape) {
  TENBIN_TRY(const std::int64_t count, element_count(shape));
  const auto size = static_cast<std::int64_t>(type == ElementType::kString ? sizeof(std::string)
                                                                           : element_size(type));
  if (count > limits::kResultBytes / std::max<std::int64_t>(size, 1)) {
    return Error(ErrorCode::kTooLarge, std::string(element_name(type)) + " " + to_text(shape) +
                                           " takes more than " +
                                           std::to_string(limits::kResultBytes) + " bytes");
  }
  return Tensor(type, std::move(shape));
}

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

std::int64_t period_in(const Shape& operand, const Shape& result) {
  const auto first = std::ranges::find_if(operand, [](std::int64_t size) { return size != 1; });
  const auto rest = operand.end() - first;
  if (operand.size() > result.size()) return 0;
  return std::equal(first, operand.end(), result.end() - rest) ? count_of(operand) : 0;
}

std::optional<PeriodicPair> PeriodicPair::of(const Shape& a, const Shape& b) {
  const bool a_fills = a.size() > b.size() || (a.size() == b.size() && count_of(a) >= count_of(b));
  const Shape& whole = a_fills ? a : b;
  const PeriodicPair out{count_of(whole), a_fills ? count_of(whole) : period_in(a, whole),
                         a_fills ? period_in(b, whole) : count_of(whole)};
  if (out.a == 0 || out.b == 0) return std::nullopt;
  return out;
}

BroadcastWalk joined(const BroadcastWalk& w) {
  BroadcastWalk out;
  out.strides.resize(w.strides.size());
  for (std::size_t d = 0; d < w.shape.size(); ++d) {
    const std::int64_t size = w.shape[d];
    if (size == 1) continue;
    bool joins = !out.shape.empty();
    for (std::size_t k = 0; joins && k < w.strides.size(); ++k) {
      joins = out.strides[k].back() == w.strides[k][d] * size;
    }
    if (joins) {
      out.shape.back() *= size;
    } else {
      out.shape.push_back(size);
    }
    for (std::size_t k = 0; k < w.strides.size(); ++k) {
      if (!joins) out.strides[k].push_back(0);
      out.strides[k].back() = w.strides[k][d];
    }
  }
  return out;
}

Result<const Tensor*> aligned_operand(const OpCall& call, const Tensor& a, const Tensor& b,
                                      Tensor& room) {
  if (call.opset >= 7 || call.find("axis") == nullptr) return &b;
  TENBIN_TRY(const std::int64_t axis, axis_of(call, call.integer("axis", 0), a.shape().size()));
  Shape shape = b.shape();
  while (shape.size() + static_cast<std::size_t>(axis) < a.shape().size()) shape.push_back(1);
  room = b;
  room.reshape(std::move(shape));
  return &room;
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

Status need_type(const OpCall& call, const Tensor& operand, ElementType type) {
  if (operand.type() == type) return {};
  return bad_element_type(call, operand.type(), std::string(element_name(type)));
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

Tensor ramp(Shape shape) {
  Tensor out(ElementType::kFloat32, std::move(shape));
  float value = -1;
  for (float& x : out.data<float>()) {
    x = value;
    value += value > 2 ? -3.7F : 0.61F;
  }
  return out;
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
