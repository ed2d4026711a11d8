// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "engine/typed.h"

namespace tenbin {
namespace {

enum class Kind { kShares, kLogarithms, kLargest };

template <class T>
void one_lane(Kind kind, std::span<const T> x, std::span<T> y, const AxisView& view,
              std::int64_t base) {
  using W = Wide<T>;
  const auto at = [&](std::int64_t k) { return static_cast<std::size_t>(base + k * view.inner); };
  std::int64_t top = 0;
  for (std::int64_t k = 1; k < view.size; ++k) {
    if (x[at(k)] > x[at(top)]) top = k;
  }
  if (kind == Kind::kLargest) {
    for (std::int64_t k = 0; k < view.size; ++k) y[at(k)] = static_cast<T>(k == top ? 1 : 0);
    return;
  }
  const W peak = x[at(top)];
  W sum = 0;
  for (std::int64_t k = 0; k < view.size; ++k) sum += std::exp(x[at(k)] - peak);
  const W log_sum = std::log(sum);
  for (std::int64_t k = 0; k < view.size; ++k) {
    const W centred = x[at(k)] - peak;
    y[at(k)] = static_cast<T>(kind == Kind::kShares ? std::exp(centred) / sum : centred - log_sum);
  }
}

// Before operator set 13 all from the axis on is one row.
Result<AxisView> view_of(const OpCall& call, const Shape& shape) {
  const bool rows = call.opset < 13;
  const std::int64_t axis = call.integer("axis", rows ? 1 : -1);
  if (rows && axis == static_cast<std::int64_t>(shape.size())) return AxisView{count_of(shape)};
  TENBIN_TRY(const std::int64_t at, axis_of(call, axis, shape.size()));
  AxisView view = around_axis(shape, at);
  if (rows) view = {view.outer, view.size * view.inner, 1};
  return view;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  TENBIN_TRY(const AxisView view, view_of(call, in.shape()));
  const Kind kind = call.op == "Softmax"      ? Kind::kShares
                    : call.op == "LogSoftmax" ? Kind::kLogarithms
                                              : Kind::kLargest;
  return typed(call, in.type(), kReals, [&]<class T>() {
    Tensor out(in.type(), in.shape());
    for (std::int64_t i = 0; view.size > 0 && i < view.outer * view.inner; ++i) {
      const std::int64_t base = i / view.inner * view.size * view.inner + i % view.inner;
      one_lane<T>(kind, in.data<T>(), out.data<T>(), view, base);
    }
    return one(std::move(out));
  });
}

std::vector<OpProbe> probes() {
  return {{"along the last axis",
           op_call("Softmax", 1),
           {Tensor::of<float>({2, 3}, {1, 2, 3, 3, 2, 0})},
           {}},
          {"logarithms", op_call("LogSoftmax", 1), {Tensor::of<float>({1, 3}, {1, 2, 100})}, {}},
          {"a mark at the largest",
           op_call("Hardmax", 1, {{"axis", std::int64_t{0}}}),
           {Tensor::of<float>({2, 3}, {1, 2, 3, 3, 2, 0})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_softmax() {
  static const OpEntry entry{"",
                             {"Softmax", "LogSoftmax", "Hardmax"},
                             "Shares that sum to one along an axis.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin
