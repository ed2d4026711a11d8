// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

template <class T> T modulo(T a, T b, bool c_style) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(a, b);
  } else {
    if (b == 0) return 0;
    const T rest = static_cast<T>(a % b);
    const bool other_side = rest != 0 && ((rest < 0) != (b < 0));
    return !c_style && other_side ? static_cast<T>(rest + b) : rest;
  }
}

template <class T>
Result<std::vector<Tensor>> compute_as(const OpCall& call, const Tensor& a, const Tensor& b) {
  if (call.op == "Add") return binary<T, T>(a, b, [](T x, T y) { return x + y; });
  if (call.op == "Sub") return binary<T, T>(a, b, [](T x, T y) { return x - y; });
  if (call.op == "Mul") return binary<T, T>(a, b, [](T x, T y) { return x * y; });
  if (call.op == "Min") return binary<T, T>(a, b, [](T x, T y) { return std::min(x, y); });
  if (call.op == "Max") return binary<T, T>(a, b, [](T x, T y) { return std::max(x, y); });
  if (call.op == "Pow") {
    return binary<T, T>(
        a, b, [](T x, T y) { return std::pow(static_cast<double>(x), static_cast<double>(y)); });
  }
  if (call.op == "Mod") {
    const bool c_style = call.integer("fmod", 0) != 0;
    return binary<T, T>(a, b, [c_style](T x, T y) { return modulo(x, y, c_style); });
  }
  return binary<T, T>(a, b, [](T x, T y) {
    if constexpr (std::is_integral_v<T>)
      return y == 0 ? T{0} : static_cast<T>(x / y);
    else
      return x / y;
  });
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& a = *inputs[0];
  const Tensor& b = *inputs[1];
  if (a.type() != b.type())
    return bad_element_type(call, b.type(), std::string(element_name(a.type())));
  switch (a.type()) {
    case ElementType::kFloat32: return compute_as<float>(call, a, b);
    case ElementType::kFloat64: return compute_as<double>(call, a, b);
    case ElementType::kInt64: return compute_as<std::int64_t>(call, a, b);
    case ElementType::kInt32: return compute_as<std::int32_t>(call, a, b);
    default: return bad_element_type(call, a.type(), "float32, float64, int32 or int64");
  }
}

std::vector<OpProbe> probes() {
  return {{"a row vector over a matrix",
           op_call("Add", 2),
           {Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}), Tensor::of<float>({3}, {10, 20, 30})},
           {}},
          {"a row less a number for each column",
           op_call("Sub", 2),
           {Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}), Tensor::of<float>({1, 3}, {3, 2, 1})},
           {}},
          {"a factor for each channel",
           op_call("Mul", 2),
           {Tensor::of<float>({2, 2, 1, 2}, {1, 2, 3, 4, 5, 6, 7, 8}),
            Tensor::of<float>({2, 1, 1}, {2, -3})},
           {}},
          {"integers, the sign of the divisor",
           op_call("Mod", 2),
           {Tensor::of<std::int64_t>({4}, {-7, 7, -7, 7}),
            Tensor::of<std::int64_t>({4}, {3, 3, -3, -3})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_arithmetic() {
  static const OpEntry entry{"",
                             {"Add", "Sub", "Mul", "Div", "Mod", "Pow", "Min", "Max"},
                             "Arithmetic of two tensors with broadcasting.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin
