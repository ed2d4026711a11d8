// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/convert.h"
#include "engine/typed.h"

namespace tenbin {
namespace {

// Whole powers of whole numbers keep all their bits.
template <class T> T whole_power(T base, std::uint64_t exponent) {
  std::uint64_t out = 1, square = static_cast<std::uint64_t>(base);
  for (; exponent != 0; exponent >>= 1, square *= square) {
    if ((exponent & 1) != 0) out *= square;
  }
  return static_cast<T>(out);
}

template <class T, class E> T power(T base, E exponent) {
  if constexpr (std::is_integral_v<T> && std::is_integral_v<E>) {
    if (exponent >= 0) return whole_power(base, static_cast<std::uint64_t>(exponent));
  }
  return converted<T>(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
}

template <class T, class E> Result<std::vector<Tensor>> powers(const Tensor& a, const Tensor& b) {
  TENBIN_TRY(const BroadcastWalk w, broadcast_walk({&a.shape(), &b.shape()}));
  TENBIN_TRY(Tensor out, checked_tensor(a.type(), w.shape));
  const auto x = a.data<T>();
  const auto y = b.data<E>();
  auto z = out.data<T>();
  walk(w, [&](std::int64_t i, std::int64_t p, std::int64_t q) {
    z[static_cast<std::size_t>(i)] =
        power(x[static_cast<std::size_t>(p)], y[static_cast<std::size_t>(q)]);
  });
  return one(std::move(out));
}

// The result has the type of the base; the exponent may have another.
Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& a = *inputs[0];
  Tensor room;
  TENBIN_TRY(const Tensor* b, aligned_operand(call, a, *inputs[1], room));
  return typed(call, a.type(), kReals + Types<std::int32_t, std::int64_t>(), [&]<class T>() {
    return typed(call, b->type(), kNumbers, [&]<class E>() { return powers<T, E>(a, *b); });
  });
}

std::vector<OpProbe> probes() {
  return {{"cubes and roots",
           op_call("Pow", 2),
           {Tensor::of<float>({3}, {1, 2, 9}), Tensor::of<float>({3}, {5, 3, 0.5F})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_pow() {
  static const OpEntry entry{"", {"Pow"}, "Powers with broadcasting.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin
