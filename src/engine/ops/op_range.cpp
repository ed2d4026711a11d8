// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "engine/typed.h"

namespace tenbin {
namespace {

// How many numbers lie from start on before limit; more than the limits allow: past them.
template <class T> std::int64_t count_between(T start, T limit, T step) {
  constexpr std::int64_t kMost = limits::kTensorElements + 1;
  if constexpr (kIsReal<T>) {
    const double count = std::ceil((static_cast<double>(limit) - static_cast<double>(start)) /
                                   static_cast<double>(step));
    if (!(count > 0)) return 0;
    return count < static_cast<double>(kMost) ? static_cast<std::int64_t>(count) : kMost;
  } else {
    if (step > 0 ? start >= limit : start <= limit) return 0;
    const auto up = static_cast<std::uint64_t>(start), end = static_cast<std::uint64_t>(limit);
    const auto stride = static_cast<std::uint64_t>(step);
    const std::uint64_t span = step > 0 ? end - up : up - end;
    const std::uint64_t count = (span - 1) / (step > 0 ? stride : 0 - stride) + 1;
    return static_cast<std::int64_t>(std::min<std::uint64_t>(count, kMost));
  }
}

template <class T> Result<std::vector<Tensor>> range(const OpCall& call, OpInputs inputs) {
  for (const Tensor* input : inputs.first(3)) {
    TENBIN_CHECK(need_type(call, *input, kElementOf<T>));
    if (input->count() != 1) return bad_operands(call, to_text(input->shape()) + ", one expected");
  }
  const T start = inputs[0]->data<T>()[0], limit = inputs[1]->data<T>()[0];
  const T step = inputs[2]->data<T>()[0];
  if (step == T{0}) return bad_operands(call, "step of 0");
  TENBIN_TRY(Tensor out, checked_tensor(kElementOf<T>, {count_between(start, limit, step)}));
  const auto values = out.data<T>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<T>(start + static_cast<Wide<T>>(i) * step);
  }
  return one(std::move(out));
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 3));
  constexpr Types<float, double, std::int16_t, std::int32_t, std::int64_t> kTaken;
  return typed(call, inputs[0]->type(), kTaken, [&]<class T>() { return range<T>(call, inputs); });
}

std::vector<OpProbe> probes() {
  const auto number = [](std::int64_t x) { return Tensor::scalar(x); };
  return {{"downwards", op_call("Range", 3), {number(10), number(4), number(-2)}, {}, false},
          {"parts of one",
           op_call("Range", 3),
           {Tensor::scalar(0.0F), Tensor::scalar(1.0F), Tensor::scalar(0.25F)},
           {},
           false}};
}

}  // namespace

const OpEntry& op_range() {
  static const OpEntry entry{"", {"Range"}, "Numbers in even steps.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin
