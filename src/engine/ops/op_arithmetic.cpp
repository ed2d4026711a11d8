// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "engine/convert.h"
#include "engine/typed.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// Integers wrap around: their low bits are the same whether they have a sign or not.
template <class T> std::uint64_t low_bits(T x) { return static_cast<std::uint64_t>(x); }

template <class T> T modulo(T a, T b, bool c_style) {
  if constexpr (kIsReal<T>) {
    const Wide<T> x = a, y = b;
    const auto rest = std::fmod(x, y);
    const bool other_side = rest != 0 && ((rest < 0) != (y < 0));
    return static_cast<T>(!c_style && other_side ? rest + y : rest);
  } else {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return 0;
      const T rest = static_cast<T>(a % b);
      const bool other_side = rest != 0 && ((rest < 0) != (b < 0));
      return !c_style && other_side ? static_cast<T>(rest + b) : rest;
    }
    return static_cast<T>(a % b);
  }
}

template <class T> T quotient(T a, T b) {
  if constexpr (kIsReal<T>) {
    return static_cast<T>(a / b);
  } else {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return static_cast<T>(0 - low_bits(a));
    }
    return static_cast<T>(a / b);
  }
}

// The smaller (or larger) of two; NaN wins.
template <class T> T extreme(T a, T b, bool least) {
  if constexpr (kIsReal<T>) {
    if (std::isnan(Wide<T>(a))) return a;
    if (std::isnan(Wide<T>(b))) return b;
  }
  return (least ? b < a : a < b) ? b : a;
}

template <class T> Outputs compute_as(const OpCall& call, const Tensor& a, const Tensor& b) {
  const std::string& op = call.op;
  if (op == "Add" || op == "Sum" || op == "Mean") {
    return binary<T, T>(a, b, [](T x, T y) {
      if constexpr (kIsReal<T>)
        return x + y;
      else
        return low_bits(x) + low_bits(y);
    });
  }
  if (op == "Sub") {
    return binary<T, T>(a, b, [](T x, T y) {
      if constexpr (kIsReal<T>)
        return x - y;
      else
        return low_bits(x) - low_bits(y);
    });
  }
  if (op == "Mul") {
    return binary<T, T>(a, b, [](T x, T y) {
      if constexpr (kIsReal<T>)
        return x * y;
      else
        return low_bits(x) * low_bits(y);
    });
  }
  if (op == "Min") return binary<T, T>(a, b, [](T x, T y) { return extreme(x, y, true); });
  if (op == "Max") return binary<T, T>(a, b, [](T x, T y) { return extreme(x, y, false); });
  if (op == "Mod") {
    const bool c_style = call.integer("fmod", 0) != 0;
    return binary<T, T>(a, b, [c_style](T x, T y) { return modulo(x, y, c_style); });
  }
  return binary<T, T>(a, b, [](T x, T y) { return quotient(x, y); });
}

template <class T> void divide_by(Tensor& sum, std::size_t count) {
  for (T& x : sum.data<T>()) x = static_cast<T>(x / static_cast<Wide<T>>(count));
}

// Min, Max, Sum and Mean of any number of operands.
Outputs of_many(const OpCall& call, OpInputs inputs) {
  TENBIN_CHECK(need_inputs(call, inputs, std::max<std::size_t>(1, inputs.size())));
  Tensor out = *inputs[0];
  for (const Tensor* input : inputs.subspan(1)) {
    TENBIN_CHECK(need_type(call, *input, out.type()));
    TENBIN_TRY(auto next, typed(call, out.type(), kNumbers,
                                [&]<class T>() { return compute_as<T>(call, out, *input); }));
    out = std::move(next.front());
  }
  if (call.op == "Mean") {
    return typed(call, out.type(), kReals, [&]<class T>() -> Outputs {
      divide_by<T>(out, inputs.size());
      return one(std::move(out));
    });
  }
  return one(std::move(out));
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  const bool many = call.op == "Min" || call.op == "Max" || call.op == "Sum" || call.op == "Mean";
  if (many) return of_many(call, inputs);
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& a = *inputs[0];
  TENBIN_CHECK(need_type(call, *inputs[1], a.type()));
  Tensor room;
  TENBIN_TRY(const Tensor* b, aligned_operand(call, a, *inputs[1], room));
  return typed(call, a.type(), kNumbers, [&]<class T>() { return compute_as<T>(call, a, *b); });
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
          {"mean of three",
           op_call("Mean", 3),
           {Tensor::of<float>({2}, {1, 2}), Tensor::of<float>({2}, {3, 6}), Tensor::scalar(5.0F)},
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
                             {"Add", "Sub", "Mul", "Div", "Mod", "Min", "Max", "Sum", "Mean"},
                             "Arithmetic of tensors with broadcasting.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin
