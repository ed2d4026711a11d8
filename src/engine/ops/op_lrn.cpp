// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/axes.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// Each element divided by a power of the squares of its neighbours in other channels.
template <class T> Tensor local_response(const OpCall& call, const Tensor& in, std::int64_t size) {
  const AxisView view = around_axis(in.shape(), 1);
  const auto alpha = static_cast<double>(call.number("alpha", 1e-4F));
  const auto beta = static_cast<double>(call.number("beta", 0.75F));
  const auto bias = static_cast<double>(call.number("bias", 1));
  Tensor out(in.type(), in.shape());
  const auto x = in.data<T>();
  const auto y = out.data<T>();
  for (std::int64_t at = 0; at < in.count(); ++at) {
    const std::int64_t c = at / view.inner % view.size;
    const std::int64_t first = std::max<std::int64_t>(0, c - (size - 1) / 2);
    const std::int64_t last = std::min(view.size - 1, c + size / 2);
    double squares = 0;
    for (std::int64_t k = first; k <= last; ++k) {
      const auto v = static_cast<double>(x[static_cast<std::size_t>(at + (k - c) * view.inner)]);
      squares += v * v;
    }
    const auto i = static_cast<std::size_t>(at);
    y[i] = static_cast<T>(static_cast<double>(x[i]) /
                          std::pow(bias + alpha / static_cast<double>(size) * squares, beta));
  }
  return out;
}

template <class T> Tensor unit_length(const Tensor& in, const AxisView& view, std::int64_t p) {
  Tensor out = in;
  const auto y = out.data<T>();
  for (std::int64_t lane = 0; lane < view.outer * view.inner; ++lane) {
    const std::int64_t base = lane / view.inner * view.size * view.inner + lane % view.inner;
    double length = 0;
    for (std::int64_t k = 0; k < view.size; ++k) {
      const auto v = static_cast<double>(y[static_cast<std::size_t>(base + k * view.inner)]);
      length += p == 1 ? std::fabs(v) : v * v;
    }
    if (p == 2) length = std::sqrt(length);
    if (length == 0) continue;
    for (std::int64_t k = 0; k < view.size; ++k) {
      T& v = y[static_cast<std::size_t>(base + k * view.inner)];
      v = static_cast<T>(static_cast<double>(v) / length);
    }
  }
  return out;
}

template <class T> Outputs mean_variance(const OpCall& call, const Tensor& in) {
  std::vector<std::int64_t> kept = in.shape();
  for (const std::int64_t axis : call.integers("axes", {0, 2, 3})) {
    TENBIN_TRY(const std::int64_t at, axis_of(call, axis, kept.size()));
    kept[static_cast<std::size_t>(at)] = 1;
  }
  std::vector<std::int64_t> strides = strides_of(kept);
  for (std::size_t d = 0; d < kept.size(); ++d) {
    if (kept[d] != in.shape()[d]) strides[d] = 0;
  }
  const std::int64_t cells_out = count_of(kept);
  const auto each = static_cast<double>(in.count()) / static_cast<double>(cells_out);
  std::vector<double> means(static_cast<std::size_t>(cells_out), 0), squares = means;
  const auto x = in.data<T>();
  const BroadcastWalk w{in.shape(), {strides}};
  const auto value = [&](std::int64_t i) {
    return static_cast<double>(x[static_cast<std::size_t>(i)]);
  };
  walk(w, [&](std::int64_t i, std::int64_t to, std::int64_t) {
    means[static_cast<std::size_t>(to)] += value(i) / each;
  });
  walk(w, [&](std::int64_t i, std::int64_t to, std::int64_t) {
    const double off = value(i) - means[static_cast<std::size_t>(to)];
    squares[static_cast<std::size_t>(to)] += off * off / each;
  });
  Tensor out(in.type(), in.shape());
  const auto y = out.data<T>();
  constexpr double kEpsilon = 1e-9;  // of the operator's definition
  walk(w, [&](std::int64_t i, std::int64_t to, std::int64_t) {
    const auto cell = static_cast<std::size_t>(to);
    y[static_cast<std::size_t>(i)] =
        static_cast<T>((value(i) - means[cell]) / (std::sqrt(squares[cell]) + kEpsilon));
  });
  return one(std::move(out));
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  if (call.op == "MeanVarianceNormalization") {
    return typed(call, in.type(), kReals, [&]<class T>() { return mean_variance<T>(call, in); });
  }
  if (call.op == "LpNormalization") {
    TENBIN_TRY(const std::int64_t axis, axis_of(call, call.integer("axis", -1), in.shape().size()));
    const std::int64_t p = call.integer("p", 2);
    if (p != 1 && p != 2) return bad_operands(call, "p of " + std::to_string(p) + ", 1 or 2");
    const AxisView view = around_axis(in.shape(), axis);
    return typed(call, in.type(), kReals,
                 [&]<class T>() { return one(unit_length<T>(in, view, p)); });
  }
  const std::int64_t size = call.integer("size", 0);
  if (in.shape().size() < 2 || size < 1 || size > INT32_MAX) {
    return bad_operands(call, "size " + std::to_string(size) + " over " + to_text(in.shape()));
  }
  return typed(call, in.type(), kReals,
               [&]<class T>() { return one(local_response<T>(call, in, size)); });
}

std::vector<OpProbe> probes() {
  const Tensor x = Tensor::of<float>({1, 3, 1, 2}, {1, 2, 3, 4, 5, 9});
  return {
      {"three channels", op_call("LRN", 1, {{"size", std::int64_t{3}}}), {x}, {}, false},
      {"unit length", op_call("LpNormalization", 1, {{"axis", std::int64_t{1}}}), {x}, {}, false},
      {"each channel", op_call("MeanVarianceNormalization", 1), {x}, {}, false}};
}

}  // namespace

const OpEntry& op_lrn() {
  static const OpEntry entry{"",
                             {"LRN", "LpNormalization", "MeanVarianceNormalization"},
                             "Normalisations without weights.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin
