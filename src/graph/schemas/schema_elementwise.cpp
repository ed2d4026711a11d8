// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graph/schema.h"

namespace tenbin {
namespace {

// The shape all inputs from `first` on broadcast to; none if one is not known.
Result<std::optional<Shape>> joined_shape(const InferCall& call, std::size_t first) {
  Shape out;
  for (std::size_t i = first; i < call.inputs.size(); ++i) {
    const Shape* shape = call.shape(i);
    if (shape == nullptr) return std::optional<Shape>();
    TENBIN_TRY(out, broadcast(out, *shape));
  }
  return std::optional<Shape>(std::move(out));
}

std::int64_t combine(const std::string& op, std::int64_t a, std::int64_t b) {
  std::int64_t out = kUnknownElement;
  if (a == kUnknownElement || b == kUnknownElement) return kUnknownElement;
  if (op == "Add" && !__builtin_add_overflow(a, b, &out)) return out;
  if (op == "Sub" && !__builtin_sub_overflow(a, b, &out)) return out;
  if (op == "Mul" && !__builtin_mul_overflow(a, b, &out)) return out;
  if (op == "Div" && b > 0) return a / b;
  if (op == "Max") return std::max(a, b);
  if (op == "Min") return std::min(a, b);
  return kUnknownElement;
}

// Arithmetic on sizes, as exporters write it (height * 2, ...).
void fold_integers(InferCall& call) {
  const auto *a = call.integers(0), *b = call.integers(1);
  if (call.inputs.size() != 2 || a == nullptr || b == nullptr || a->empty() || b->empty()) return;
  if (a->size() != b->size() && a->size() != 1 && b->size() != 1) return;
  std::vector<std::int64_t> out(std::max(a->size(), b->size()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = combine(call.call.op, (*a)[a->size() == 1 ? 0 : i], (*b)[b->size() == 1 ? 0 : i]);
  }
  call.outputs[0].integers = std::move(out);
}

// The slope stretches to the input, before opset 7 along the channels too.
Status infer_prelu(InferCall& call) {
  const Shape* src = call.shape(0);
  call.set(0, call.type(0), src == nullptr ? std::nullopt : std::optional<Shape>(*src));
  return {};
}

Status infer_arithmetic(InferCall& call) {
  // Before opset 7 the second operand stretched to the first, along a named axis.
  if (call.call.opset < 7 && call.call.integer("broadcast", 0) != 0) return infer_prelu(call);
  TENBIN_TRY(auto shape, joined_shape(call, 0));
  call.set(0, call.type(0), std::move(shape));
  if (!call.outputs.empty()) fold_integers(call);
  return {};
}

Status infer_comparison(InferCall& call) {
  TENBIN_TRY(auto shape, joined_shape(call, 0));
  call.set(0, ElementType::kBool, std::move(shape));
  return {};
}

Status infer_where(InferCall& call) {
  TENBIN_TRY(auto shape, joined_shape(call, 0));
  call.set(0, call.type(1), std::move(shape));
  return {};
}

}  // namespace

const SchemaFamily& schema_elementwise();
const SchemaFamily& schema_elementwise() {
  static const SchemaFamily family{
      "elementwise",
      {{"",
        {"Add", "Sub", "Mul", "Div", "Pow", "Mod", "Max", "Min", "Sum", "Mean", "BitShift",
         "BitwiseAnd", "BitwiseOr", "BitwiseXor"},
        "Arithmetic on operands that broadcast.",
        infer_arithmetic,
        nullptr,
        {},
        {}},
       {"", {"PRelu"}, "Leaky rectifier with a learned slope.", infer_prelu, nullptr, {}, {}},
       {"",
        {"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Xor"},
        "Comparison or logic on operands that broadcast.",
        infer_comparison,
        nullptr,
        {},
        {}},
       {"", {"Where"}, "Choice between two operands.", infer_where, nullptr, {}, {}}}};
  return family;
}

}  // namespace tenbin
