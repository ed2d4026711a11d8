// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

template <class T>
Result<std::vector<Tensor>> compute_as(const OpCall& call, const Tensor& a, const Tensor& b) {
  if (call.op == "Equal")
    return binary<T, bool>(a, b, [](const T& x, const T& y) { return x == y; });
  if constexpr (std::is_arithmetic_v<T>) {
    if (call.op == "Greater") return binary<T, bool>(a, b, [](T x, T y) { return x > y; });
    if (call.op == "Less") return binary<T, bool>(a, b, [](T x, T y) { return x < y; });
    if (call.op == "GreaterOrEqual") return binary<T, bool>(a, b, [](T x, T y) { return x >= y; });
    if (call.op == "LessOrEqual") return binary<T, bool>(a, b, [](T x, T y) { return x <= y; });
  }
  return bad_element_type(call, a.type(), "numbers");
}

Result<std::vector<Tensor>> logic(const OpCall& call, OpInputs inputs) {
  const Tensor& a = *inputs[0];
  if (a.type() != ElementType::kBool) return bad_element_type(call, a.type(), "bool");
  if (call.op == "Not") return one(unary<bool, bool>(a, [](bool x) { return !x; }));
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& b = *inputs[1];
  if (b.type() != ElementType::kBool) return bad_element_type(call, b.type(), "bool");
  if (call.op == "And") return binary<bool, bool>(a, b, [](bool x, bool y) { return x && y; });
  if (call.op == "Or") return binary<bool, bool>(a, b, [](bool x, bool y) { return x || y; });
  return binary<bool, bool>(a, b, [](bool x, bool y) { return x != y; });
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& a = *inputs[0];
  if (call.op == "IsNaN" || call.op == "IsInf") {
    const bool nan = call.op == "IsNaN";
    if (a.type() == ElementType::kFloat64) {
      return one(
          unary<double, bool>(a, [nan](double x) { return nan ? std::isnan(x) : std::isinf(x); }));
    }
    if (a.type() != ElementType::kFloat32) return bad_element_type(call, a.type(), "float32");
    return one(
        unary<float, bool>(a, [nan](float x) { return nan ? std::isnan(x) : std::isinf(x); }));
  }
  const bool logical = call.op == "And" || call.op == "Or" || call.op == "Xor" || call.op == "Not";
  if (logical) return logic(call, inputs);
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& b = *inputs[1];
  if (a.type() != b.type()) {
    return bad_element_type(call, b.type(), std::string(element_name(a.type())));
  }
  switch (a.type()) {
    case ElementType::kFloat32: return compute_as<float>(call, a, b);
    case ElementType::kFloat64: return compute_as<double>(call, a, b);
    case ElementType::kInt64: return compute_as<std::int64_t>(call, a, b);
    case ElementType::kInt32: return compute_as<std::int32_t>(call, a, b);
    case ElementType::kBool: return compute_as<bool>(call, a, b);
    case ElementType::kString: return compute_as<std::string>(call, a, b);
    default: return bad_element_type(call, a.type(), "numbers, bool or string");
  }
}

std::vector<OpProbe> probes() {
  return {{"with broadcasting",
           op_call("Greater", 2),
           {Tensor::of<float>({2, 2}, {1, 2, 3, 4}), Tensor::of<float>({2}, {2, 2})},
           {},
           false},
          {"NaN is told",
           op_call("IsNaN", 1),
           {Tensor::of<float>({2}, {1, std::nanf("")})},
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
