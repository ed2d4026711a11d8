// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "engine/axes.h"
#include "engine/convert.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// What is done with each element and with the result; integers are summed as integers.
template <class A> struct Reduction {
  A start{};
  A (*step)(A so_far, A x) = nullptr;
  A (*finish)(A total, A count) = nullptr;
};

template <class A> A keep(A total, A) { return total; }
// Integers wrap around.
template <class A> A plus(A a, A b) {
  if constexpr (std::is_same_v<A, double>) return a + b;
  return static_cast<A>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
template <class A> A times(A a, A b) {
  if constexpr (std::is_same_v<A, double>) return a * b;
  return static_cast<A>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

// Sums over exponentials are done with the largest element taken out.
template <class A> Reduction<A> reduction_of(const std::string& op) {
  if (op == "ReduceProd") return {A{1}, times<A>, keep};
  if (op == "ReduceL1")
    return {A{0}, [](A a, A x) { return plus(a, x < 0 ? times(x, A{-1}) : x); }, keep};
  if (op == "ReduceSumSquare") return {A{0}, [](A a, A x) { return plus(a, times(x, x)); }, keep};
  if constexpr (std::is_same_v<A, double>) {
    if (op == "ReduceMean") return {0, plus, [](A a, A n) { return a / n; }};
    if (op == "ReduceL2") {
      return {0, [](A a, A x) { return plus(a, times(x, x)); },
              [](A a, A) { return std::sqrt(a); }};
    }
    if (op == "ReduceLogSum" || op == "ReduceLogSumExp") {
      return {0, plus, [](A a, A) { return std::log(a); }};
    }
  }
  if (op == "ReduceMean") return {A{0}, plus, [](A a, A n) { return n == 0 ? A{0} : a / n; }};
  return {A{0}, plus, keep};
}

struct Layout {
  Shape shape;                        // of the result
  std::vector<std::int64_t> strides;  // in the result, for each axis of the source
  std::int64_t each = 1;              // elements that become one
};

Result<Layout> layout_of(const OpCall& call, OpInputs inputs) {
  const Shape& src = inputs[0]->shape();
  TENBIN_TRY(const auto axes, integers_of(call, inputs, 1, "axes"));
  const bool all = axes.empty() && call.integer("noop_with_empty_axes", 0) == 0;
  std::vector<bool> gone(src.size(), all);
  for (const std::int64_t axis : axes) {
    TENBIN_TRY(const std::int64_t at, axis_of(call, axis, src.size()));
    gone[static_cast<std::size_t>(at)] = true;
  }
  Layout out;
  const bool keeps = call.integer("keepdims", 1) != 0;
  Shape full = src;
  for (std::size_t d = 0; d < src.size(); ++d) {
    if (gone[d]) {
      out.each *= src[d];
      full[d] = 1;
    }
    if (!gone[d] || keeps) out.shape.push_back(full[d]);
  }
  out.strides = strides_of(full);
  for (std::size_t d = 0; d < src.size(); ++d) out.strides[d] *= gone[d] ? 0 : 1;
  return out;
}

template <class F> void each_element(const Tensor& in, const Layout& layout, F&& f) {
  walk({in.shape(), {layout.strides}}, [&](std::int64_t i, std::int64_t to, std::int64_t) {
    f(static_cast<std::size_t>(i), static_cast<std::size_t>(to));
  });
}

template <class T> Tensor extremes(const Tensor& in, const Layout& layout, bool least) {
  Tensor out(in.type(), layout.shape);
  const auto x = in.data<T>();
  const auto y = out.data<T>();
  using Limits = std::numeric_limits<Wide<T>>;
  Wide<T> start = least ? Limits::max() : Limits::lowest();
  if constexpr (kIsReal<T>) start = least ? Limits::infinity() : -Limits::infinity();
  for (T& value : y) value = static_cast<T>(start);
  each_element(in, layout, [&](std::size_t i, std::size_t to) {
    bool better = least ? x[i] < y[to] : y[to] < x[i];
    if constexpr (kIsReal<T>) better |= std::isnan(Wide<T>(x[i]));
    if (better) y[to] = x[i];
  });
  return out;
}

template <class T, class A> Tensor totals(const OpCall& call, const Tensor& in, const Layout& l) {
  Tensor out(in.type(), l.shape);
  const auto x = in.data<T>();
  const Reduction<A> how = reduction_of<A>(call.op);
  std::vector<A> sums(static_cast<std::size_t>(out.count()), how.start);
  std::vector<A> top;
  if (call.op == "ReduceLogSumExp") {
    const Tensor largest = extremes<T>(in, l, false);
    for (const T t : largest.data<T>()) {
      const auto wide = static_cast<double>(t);
      top.push_back(static_cast<A>(std::isfinite(wide) ? wide : 0.0));
    }
    each_element(in, l, [&](std::size_t i, std::size_t to) {
      sums[to] += static_cast<A>(std::exp(static_cast<double>(static_cast<A>(x[i]) - top[to])));
    });
  } else {
    each_element(in, l, [&](std::size_t i, std::size_t to) {
      sums[to] = how.step(sums[to], static_cast<A>(x[i]));
    });
  }
  const auto y = out.data<T>();
  for (std::size_t i = 0; i < y.size(); ++i) {
    A value = how.finish(sums[i], static_cast<A>(l.each));
    if (!top.empty()) value += top[i];
    y[i] = converted<T>(value);
  }
  return out;
}

template <class T> Tensor sums_of(const OpCall& call, const Tensor& in, const Layout& layout) {
  if constexpr (!kIsReal<T>) {
    const bool root_or_log =
        call.op == "ReduceL2" || call.op == "ReduceLogSum" || call.op == "ReduceLogSumExp";
    if (!root_or_log) return totals<T, std::int64_t>(call, in, layout);
  }
  return totals<T, double>(call, in, layout);
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  TENBIN_TRY(const Layout layout, layout_of(call, inputs));
  if (call.op == "ReduceMax" || call.op == "ReduceMin") {
    return typed(call, in.type(), kNumbers + kBools,
                 [&]<class T>() { return one(extremes<T>(in, layout, call.op == "ReduceMin")); });
  }
  return typed(call, in.type(), kNumbers,
               [&]<class T>() { return one(sums_of<T>(call, in, layout)); });
}

std::vector<OpProbe> probes() {
  const Tensor x = Tensor::of<float>({2, 3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3});
  const Attributes middle = {{"axes", std::vector<std::int64_t>{1}}};
  Attributes away = middle;
  away["keepdims"] = std::int64_t{0};
  std::vector<OpProbe> out;
  for (const char* op : {"ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1",
                         "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"}) {
    out.push_back({"the middle axis", op_call(op, 1, middle), {x}, {}, false});
    out.push_back({"the middle axis away", op_call(op, 1, away), {x}, {}, false});
  }
  out.push_back({"all", op_call("ReduceSum", 1), {x}, {}, false});
  out.push_back({"axes by operand",
                 op_call("ReduceSum", 2),
                 {x, Tensor::of<std::int64_t>({2}, {0, -1})},
                 {false, true},
                 false});
  return out;
}

}  // namespace

const OpEntry& op_reduce() {
  static const OpEntry entry{
      "",
      {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
       "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"},
      "One value for each range of axes.",
      compute,
      nullptr,
      probes};
  return entry;
}

}  // namespace tenbin
