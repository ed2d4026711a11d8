// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/typed.h"

namespace tenbin {
namespace {

// NaN stands above every number, so that the order is one.
template <class T> bool above(T a, T b) {
  if constexpr (kIsReal<T>) {
    if (std::isnan(Wide<T>(a)) || std::isnan(Wide<T>(b))) {
      return std::isnan(Wide<T>(a)) && !std::isnan(Wide<T>(b));
    }
  }
  return a > b;
}

template <class T>
Result<std::vector<Tensor>> top(const OpCall& call, const Tensor& in, std::int64_t axis,
                                std::int64_t k) {
  const AxisView view = around_axis(in.shape(), axis);
  const bool largest = call.integer("largest", 1) != 0;
  Shape shape = in.shape();
  shape[static_cast<std::size_t>(axis)] = k;
  std::vector<Tensor> out;
  out.emplace_back(in.type(), shape);
  out.emplace_back(ElementType::kInt64, shape);
  const auto x = in.data<T>();
  const auto values = out[0].template data<T>();
  const auto places = out[1].template data<std::int64_t>();
  std::vector<std::int64_t> order(static_cast<std::size_t>(view.size));
  for (std::int64_t lane = 0; lane < view.outer * view.inner; ++lane) {
    const std::int64_t o = lane / view.inner, i = lane % view.inner;
    const auto at = [&](std::int64_t j) {
      return x[static_cast<std::size_t>((o * view.size + j) * view.inner + i)];
    };
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + k, order.end(),
                      [&](std::int64_t a, std::int64_t b) {
                        const T u = at(a), v = at(b);
                        if (largest ? above(u, v) : above(v, u)) return true;
                        if (largest ? above(v, u) : above(u, v)) return false;
                        return a < b;
                      });
    for (std::int64_t j = 0; j < k; ++j) {
      const auto to = static_cast<std::size_t>((o * k + j) * view.inner + i);
      places[to] = order[static_cast<std::size_t>(j)];
      values[to] = at(places[to]);
    }
  }
  return out;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  TENBIN_TRY(const std::int64_t axis, axis_of(call, call.integer("axis", -1), in.shape().size()));
  TENBIN_TRY(const auto given, integers_of(call, inputs, 1, "", {call.integer("k", -1)}));
  const std::int64_t size = in.shape()[static_cast<std::size_t>(axis)];
  if (given.size() != 1 || given[0] < 0 || given[0] > size) {
    return bad_operands(call, "k of " + (given.empty() ? "nothing" : std::to_string(given[0])) +
                                  ", expected 0 to " + std::to_string(size));
  }
  return typed(call, in.type(), kNumbers,
               [&]<class T>() { return top<T>(call, in, axis, given[0]); });
}

std::vector<OpProbe> probes() {
  const Tensor x = Tensor::of<float>({2, 4}, {1, 5, 3, 5, 2, 0, 9, 8});
  const Tensor two = Tensor::of<std::int64_t>({1}, {2});
  return {{"ties go to the first", op_call("TopK", 2, {}, "", 2), {x, two}, {false, true}, false},
          {"the smallest of columns",
           op_call("TopK", 2, {{"axis", std::int64_t{0}}, {"largest", std::int64_t{0}}}, "", 2),
           {x, Tensor::of<std::int64_t>({1}, {1})},
           {false, true},
           false}};
}

}  // namespace

const OpEntry& op_top_k() {
  static const OpEntry entry{"",      {"TopK"}, "The largest along an axis and their places.",
                             compute, nullptr,  probes};
  return entry;
}

}  // namespace tenbin
