// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/typed.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

template <class T> Outputs compute_as(const OpCall& call, const Tensor& a, const Tensor& b) {
  if (call.op == "Equal") {
    return binary<T, bool>(a, b, [](const T& x, const T& y) { return x == y; });
  }
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, bool>) {
    return bad_element_type(call, a.type(), "numbers");
  } else {
    if (call.op == "Greater") return binary<T, bool>(a, b, [](T x, T y) { return x > y; });
    if (call.op == "Less") return binary<T, bool>(a, b, [](T x, T y) { return x < y; });
    if (call.op == "GreaterOrEqual") return binary<T, bool>(a, b, [](T x, T y) { return x >= y; });
    return binary<T, bool>(a, b, [](T x, T y) { return x <= y; });
  }
}

Outputs logic(const OpCall& call, OpInputs inputs) {
  const Tensor& a = *inputs[0];
  TENBIN_CHECK(need_type(call, a, ElementType::kBool));
  if (call.op == "Not") return one(unary<bool, bool>(a, [](bool x) { return !x; }));
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  TENBIN_CHECK(need_type(call, *inputs[1], ElementType::kBool));
  Tensor room;
  TENBIN_TRY(const Tensor* b, aligned_operand(call, a, *inputs[1], room));
  if (call.op == "And") return binary<bool, bool>(a, *b, [](bool x, bool y) { return x && y; });
  if (call.op == "Or") return binary<bool, bool>(a, *b, [](bool x, bool y) { return x || y; });
  return binary<bool, bool>(a, *b, [](bool x, bool y) { return x != y; });
}

template <class T> Tensor tell(const OpCall& call, const Tensor& in) {
  if (call.op == "IsNaN") {
    return unary<T, bool>(in, [](T x) { return std::isnan(static_cast<Wide<T>>(x)); });
  }
  const bool above = call.integer("detect_positive", 1) != 0;
  const bool below = call.integer("detect_negative", 1) != 0;
  return unary<T, bool>(in, [above, below](T x) {
    const auto wide = static_cast<Wide<T>>(x);
    return std::isinf(wide) && (wide > 0 ? above : below);
  });
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& a = *inputs[0];
  if (call.op == "IsNaN" || call.op == "IsInf") {
    return typed(call, a.type(), kReals, [&]<class T>() { return one(tell<T>(call, a)); });
  }
  const bool logical = call.op == "And" || call.op == "Or" || call.op == "Xor" || call.op == "Not";
  if (logical) return logic(call, inputs);
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  TENBIN_CHECK(need_type(call, *inputs[1], a.type()));
  Tensor room;
  TENBIN_TRY(const Tensor* b, aligned_operand(call, a, *inputs[1], room));
  return typed(call, a.type(), kNumbers + kBools + kTexts,
               [&]<class T>() { return compute_as<T>(call, a, *b); });
}

std::vector<OpProbe> probes() {
  return {
      {"with broadcasting",
       op_call("Greater", 2),
       {Tensor::of<float>({2, 2}, {1, 2, 3, 4}), Tensor::of<float>({2}, {2, 2})},
       {},
       false},
      {"NaN is told", op_call("IsNaN", 1), {Tensor::of<float>({2}, {1, std::nanf("")})}, {}, false},
      {"one side of infinity",
       op_call("IsInf", 1, {{"detect_negative", std::int64_t{0}}}),
       {Tensor::of<float>({3}, {1, HUGE_VALF, -HUGE_VALF})},
       {},
       false}};
}

}  // namespace

const OpEntry& op_compare() {
  static const OpEntry entry{"",
                             {"Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And",
                              "Or", "Xor", "Not", "IsNaN", "IsInf"},
                             "Comparisons and logic with broadcasting.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin
