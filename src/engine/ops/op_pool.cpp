// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/window.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// One window over each plane of the source.
template <class T, class F> void each_window(const Tensor& src, const Window& w, F&& f) {
  const auto x = src.data<T>();
  const std::int64_t in_plane = count_of(w.in), out_plane = count_of(w.out);
  const std::int64_t planes = src.shape()[0] * src.shape()[1];
  WindowWalk walk(w);
  for (std::int64_t place = 0; walk.next(); ++place) {
    for (std::int64_t p = 0; p < planes; ++p) {
      f(static_cast<std::size_t>(p * out_plane + place), x.data() + p * in_plane, p * in_plane,
        walk);
    }
  }
}

// Column-major number of a pixel in its plane.
std::int64_t column_major(std::int64_t pixel, const Shape& plane) {
  std::vector<std::int64_t> at(plane.size());
  for (std::size_t d = plane.size(); d-- > 0; pixel /= plane[d]) at[d] = pixel % plane[d];
  std::int64_t out = 0;
  for (std::size_t d = plane.size(); d-- > 0;) out = out * plane[d] + at[d];
  return out;
}

template <class T>
std::vector<Tensor> largest(const OpCall& call, const Tensor& src, const Window& w,
                            const Shape& shape) {
  std::vector<Tensor> out;
  out.emplace_back(src.type(), shape);
  const bool tells_places = call.outputs.size() > 1;
  if (tells_places) out.emplace_back(ElementType::kInt64, shape);
  const bool by_column = call.integer("storage_order", 0) != 0;
  const auto y = out[0].template data<T>();
  each_window<T>(
      src, w, [&](std::size_t i, const T* plane, std::int64_t base, const WindowWalk& walk) {
        if (walk.taps().empty()) return;
        std::int64_t top = walk.taps().front().pixel;
        for (const Tap& tap : walk.taps()) {
          if (plane[tap.pixel] > plane[top]) top = tap.pixel;
        }
        y[i] = plane[top];
        if (!tells_places) return;
        out[1].data<std::int64_t>()[i] = base + (by_column ? column_major(top, w.in) : top);
      });
  return out;
}

template <class T>
Tensor mean(const OpCall& call, const Tensor& src, const Window& w, const Shape& shape) {
  Tensor out(src.type(), shape);
  const bool counts_padding = call.integer("count_include_pad", 0) != 0;
  const auto y = out.data<T>();
  each_window<T>(src, w, [&](std::size_t i, const T* plane, std::int64_t, const WindowWalk& walk) {
    double sum = 0;
    for (const Tap& tap : walk.taps()) sum += static_cast<double>(plane[tap.pixel]);
    const auto inside = static_cast<std::int64_t>(walk.taps().size());
    y[i] = static_cast<T>(sum / static_cast<double>(counts_padding ? walk.padded_taps() : inside));
  });
  return out;
}

template <class T>
Tensor norm(const OpCall& call, const Tensor& src, const Window& w, const Shape& shape) {
  Tensor out(src.type(), shape);
  const auto p = static_cast<double>(call.integer("p", 2));
  const auto y = out.data<T>();
  each_window<T>(src, w, [&](std::size_t i, const T* plane, std::int64_t, const WindowWalk& walk) {
    double sum = 0;
    for (const Tap& tap : walk.taps()) {
      sum += std::pow(std::fabs(static_cast<double>(plane[tap.pixel])), p);
    }
    y[i] = static_cast<T>(std::pow(sum, 1 / p));
  });
  return out;
}

// All of a plane is one window, whatever the attributes say.
Window global_window(const Shape& src) {
  Window w;
  w.in = w.kernel = Shape(src.begin() + 2, src.end());
  w.out = w.strides = w.dilations = Shape(w.in.size(), 1);
  w.before = w.after = Shape(w.in.size(), 0);
  return w;
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& src = *inputs[0];
  Window w;
  if (call.op.starts_with("Global")) {
    if (src.shape().size() < 3 || count_of(src.shape()) == 0) {
      return bad_operands(call, "shape " + to_text(src.shape()));
    }
    w = global_window(src.shape());
  } else {
    TENBIN_TRY(w, window_of(call, src.shape(), call.integers("kernel_shape")));
  }
  Shape shape = {src.shape()[0], src.shape()[1]};
  shape.insert(shape.end(), w.out.begin(), w.out.end());
  TENBIN_CHECK(checked_tensor(ElementType::kInt64, shape));
  if (call.op.ends_with("MaxPool")) {
    return typed(call, src.type(), kReals + kIntegers,
                 [&]<class T>() -> Outputs { return largest<T>(call, src, w, shape); });
  }
  if (call.op.ends_with("LpPool")) {
    if (call.integer("p", 2) < 1) return bad_operands(call, "p below 1");
    return typed(call, src.type(), kReals,
                 [&]<class T>() { return one(norm<T>(call, src, w, shape)); });
  }
  return typed(call, src.type(), kReals,
               [&]<class T>() { return one(mean<T>(call, src, w, shape)); });
}

std::vector<OpProbe> probes() {
  const Attributes halves = {{"kernel_shape", std::vector<std::int64_t>{2, 2}},
                             {"strides", std::vector<std::int64_t>{2, 2}}};
  const Attributes overlapping = {{"kernel_shape", std::vector<std::int64_t>{3, 3}},
                                  {"strides", std::vector<std::int64_t>{2, 2}},
                                  {"pads", std::vector<std::int64_t>{1, 1, 1, 1}}};
  return {
      {"overlapping windows, padded", op_call("MaxPool", 1, overlapping), {ramp({2, 3, 5, 5})}, {}},
      {"mean that does not count the padding",
       op_call("AveragePool", 1, overlapping),
       {ramp({2, 3, 5, 5})},
       {}},
      {"largest of all", op_call("GlobalMaxPool", 1), {ramp({2, 3, 4, 4})}, {}},
      {"largest of four", op_call("MaxPool", 1, halves), {ramp({1, 2, 4, 4})}, {}},
      {"mean of four", op_call("AveragePool", 1, halves), {ramp({1, 2, 4, 4})}, {}},
      {"mean of all", op_call("GlobalAveragePool", 1), {ramp({2, 3, 4, 4})}, {}}};
}

}  // namespace

const OpEntry& op_pool() {
  static const OpEntry entry{
      "",
      {"MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"},
      "The largest, mean or norm of a window.",
      compute,
      nullptr,
      probes};
  return entry;
}

}  // namespace tenbin
