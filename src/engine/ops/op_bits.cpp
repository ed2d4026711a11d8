// SPDX-License-Identifier: Apache-2.0
#include "engine/typed.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

template <class T> Outputs bits(const OpCall& call, const Tensor& a, const Tensor& b) {
  const auto combine = [&](auto&& f) {
    return binary<T, T>(a, b, [&](T x, T y) {
      return f(static_cast<std::uint64_t>(x), static_cast<std::uint64_t>(y));
    });
  };
  using U = std::uint64_t;
  if (call.op == "BitwiseAnd") return combine([](U x, U y) { return x & y; });
  if (call.op == "BitwiseOr") return combine([](U x, U y) { return x | y; });
  if (call.op == "BitwiseXor") return combine([](U x, U y) { return x ^ y; });
  constexpr U kWidth = 8 * sizeof(T);
  const std::string direction = call.text("direction", "");
  if (direction == "LEFT") return combine([](U x, U y) { return y < kWidth ? x << y : 0; });
  if (direction == "RIGHT") return combine([](U x, U y) { return y < kWidth ? x >> y : 0; });
  return bad_operands(call, "direction '" + direction + "', expected LEFT or RIGHT");
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& a = *inputs[0];
  if (call.op == "BitwiseNot") {
    return typed(call, a.type(), kIntegers, [&]<class T>() {
      return one(unary<T, T>(a, [](T x) { return ~static_cast<std::uint64_t>(x); }));
    });
  }
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  TENBIN_CHECK(need_type(call, *inputs[1], a.type()));
  if (call.op == "BitShift") {
    return typed(call, a.type(), kUnsigned,
                 [&]<class T>() { return bits<T>(call, a, *inputs[1]); });
  }
  return typed(call, a.type(), kIntegers, [&]<class T>() { return bits<T>(call, a, *inputs[1]); });
}

std::vector<OpProbe> probes() {
  return {{"to the left",
           op_call("BitShift", 2, {{"direction", std::string("LEFT")}}),
           {Tensor::of<std::uint8_t>({3}, {16, 4, 1}), Tensor::of<std::uint8_t>({3}, {1, 2, 3})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_bits() {
  static const OpEntry entry{"",
                             {"BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot"},
                             "Arithmetic on bits.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin
