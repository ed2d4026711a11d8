// SPDX-License-Identifier: Apache-2.0
#include "engine/typed.h"

namespace tenbin {
namespace {

template <class T> Tensor sums(const OpCall& call, const Tensor& in, std::int64_t axis) {
  // Integers wrap around; short floats are summed in a long one.
  using Sum = std::conditional_t<kIsReal<T>, double, std::uint64_t>;
  const AxisView view = around_axis(in.shape(), axis);
  const bool exclusive = call.integer("exclusive", 0) != 0;
  const bool reverse = call.integer("reverse", 0) != 0;
  Tensor out(in.type(), in.shape());
  const auto x = in.data<T>();
  const auto y = out.data<T>();
  for (std::int64_t lane = 0; lane < view.outer * view.inner; ++lane) {
    const std::int64_t base = lane / view.inner * view.size * view.inner + lane % view.inner;
    Sum sum = 0;
    for (std::int64_t j = 0; j < view.size; ++j) {
      const std::int64_t k = reverse ? view.size - 1 - j : j;
      const auto at = static_cast<std::size_t>(base + k * view.inner);
      const Sum before = sum;
      sum += static_cast<Sum>(x[at]);
      y[at] = static_cast<T>(exclusive ? before : sum);
    }
  }
  return out;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& in = *inputs[0];
  TENBIN_TRY(const auto given, integers_of(call, *inputs[1]));
  if (given.size() != 1) return bad_operands(call, "axis of " + to_text(inputs[1]->shape()));
  TENBIN_TRY(const std::int64_t axis, axis_of(call, given[0], in.shape().size()));
  return typed(call, in.type(), kNumbers, [&]<class T>() { return one(sums<T>(call, in, axis)); });
}

std::vector<OpProbe> probes() {
  return {{"from the end, without itself",
           op_call("CumSum", 2, {{"reverse", std::int64_t{1}}, {"exclusive", std::int64_t{1}}}),
           {Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}), Tensor::scalar<std::int64_t>(1)},
           {false, true},
           false}};
}

}  // namespace

const OpEntry& op_cum_sum() {
  static const OpEntry entry{"", {"CumSum"}, "Running sums of an axis.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin
