// SPDX-License-Identifier: Apache-2.0
#include "engine/typed.h"

namespace tenbin {
namespace {

template <class T>
Tensor places(const OpCall& call, const Tensor& in, const AxisView& view, Shape shape) {
  const bool least = call.op == "ArgMin";
  const bool last = call.integer("select_last_index", 0) != 0;
  Tensor out(ElementType::kInt64, std::move(shape));
  const auto x = in.data<T>();
  const auto y = out.data<std::int64_t>();
  for (std::int64_t i = 0; i < view.outer * view.inner; ++i) {
    const std::int64_t base = i / view.inner * view.size * view.inner + i % view.inner;
    std::int64_t best = 0;
    for (std::int64_t k = 1; k < view.size; ++k) {
      const T now = x[static_cast<std::size_t>(base + k * view.inner)];
      const T then = x[static_cast<std::size_t>(base + best * view.inner)];
      const bool better = least ? now < then : now > then;
      if (better || (last && now == then)) best = k;
    }
    y[static_cast<std::size_t>(i)] = best;
  }
  return out;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  TENBIN_TRY(const std::int64_t axis, axis_of(call, call.integer("axis", 0), in.shape().size()));
  const AxisView view = around_axis(in.shape(), axis);
  if (view.size == 0) return bad_operands(call, "axis of size 0");
  Shape shape = in.shape();
  shape[static_cast<std::size_t>(axis)] = 1;
  if (call.integer("keepdims", 1) == 0) shape.erase(shape.begin() + axis);
  return typed(call, in.type(), kNumbers,
               [&]<class T>() { return one(places<T>(call, in, view, shape)); });
}

std::vector<OpProbe> probes() {
  return {{"ties go to the first",
           op_call("ArgMax", 1, {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}}),
           {Tensor::of<float>({2, 3}, {1, 3, 3, 5, 2, 0})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_arg_max() {
  static const OpEntry entry{
      "", {"ArgMax", "ArgMin"}, "Where the largest value stands.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin
