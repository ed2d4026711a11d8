// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/window.h"
#include "graph/schema.h"
#include "graph/schemas/window.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// The window of the convolution whose gradient this is: it moves over the result.
struct Transposed {
  Window window;  // in: sizes of the result; out: sizes of the source
  Shape shape;    // of the result
  std::int64_t groups = 1;
};

Result<Transposed> transposed_of(const OpCall& call, const Tensor& src, const Tensor& weights) {
  std::vector<ValueInfo> infos = {{"", src.type(), src.shape()},
                                  {"", weights.type(), weights.shape()}};
  OpCall single = call;
  single.outputs = {"dst"};
  TENBIN_TRY(const auto results, infer_call(single, infos));
  const Shape &s = src.shape(), &k = weights.shape();
  Transposed t;
  t.groups = call.integer("group", 1);
  t.shape = results.front().shape;
  if (t.shape.size() != s.size() || t.shape[1] < 0 || s[1] % t.groups != 0) {
    return bad_operands(call, "input " + to_text(s) + " and weights " + to_text(k));
  }
  const std::size_t rank = s.size() - 2;
  const InferCall rule{call, {}, {}};
  Window& w = t.window;
  w.in.assign(t.shape.begin() + 2, t.shape.end());
  w.out.assign(s.begin() + 2, s.end());
  w.kernel.assign(k.begin() + 2, k.end());
  TENBIN_TRY(w.strides, window_attribute(rule, "strides", rank, 1, 1));
  TENBIN_TRY(w.dilations, window_attribute(rule, "dilations", rank, 1, 1));
  TENBIN_TRY(const auto pads, window_attribute(rule, "pads", 2 * rank, 0, 0));
  TENBIN_TRY(const auto extra, window_attribute(rule, "output_padding", rank, 0, 0));
  const std::string automatic = call.text("auto_pad", "NOTSET");
  const bool works_out = automatic.starts_with("SAME") || call.find("output_shape") != nullptr;
  for (std::size_t d = 0; d < rank; ++d) {
    w.before.push_back(automatic == "VALID" ? 0 : pads[d]);
    w.after.push_back(automatic == "VALID" ? 0 : pads[d + rank]);
    if (w.kernel[d] < 1) return bad_operands(call, "weights " + to_text(k));
    if (!works_out) continue;
    const std::int64_t all =
        w.strides[d] * (w.out[d] - 1) + extra[d] + (w.kernel[d] - 1) * w.dilations[d] + 1;
    const std::int64_t total = std::max<std::int64_t>(0, all - w.in[d]);
    w.before[d] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
    w.after[d] = total - w.before[d];
  }
  return t;
}

template <class T> Outputs compute_as(const OpCall& call, OpInputs inputs) {
  const Tensor &src = *inputs[0], &weights = *inputs[1];
  const Tensor* bias = input_of(inputs, 2);
  TENBIN_TRY(const Transposed t, transposed_of(call, src, weights));
  TENBIN_TRY(Tensor out, checked_tensor(src.type(), t.shape));
  if (bias != nullptr && bias->count() != t.shape[1]) {
    return bad_operands(call, "bias " + to_text(bias->shape()));
  }
  const std::int64_t in_plane = count_of(t.window.out), out_plane = count_of(t.window.in);
  const std::int64_t taps = t.window.taps(), channels = src.shape()[1];
  const std::int64_t each = t.shape[1] / t.groups, per_group = channels / t.groups;
  std::vector<double> sums(static_cast<std::size_t>(out.count()), 0);
  WindowWalk walk(t.window);
  for (std::int64_t place = 0; walk.next(); ++place) {
    for (std::int64_t i = 0; i < src.shape()[0] * channels; ++i) {
      const std::int64_t b = i / channels, c = i % channels;
      const auto x =
          static_cast<double>(src.data<T>()[static_cast<std::size_t>(i * in_plane + place)]);
      const T* w = weights.data<T>().data() + c * each * taps;
      double* to = sums.data() + (b * t.shape[1] + c / per_group * each) * out_plane;
      for (std::int64_t o = 0; o < each; ++o, w += taps, to += out_plane) {
        for (const Tap& tap : walk.taps()) to[tap.pixel] += x * static_cast<double>(w[tap.tap]);
      }
    }
  }
  const auto y = out.data<T>();
  for (std::size_t i = 0; i < y.size(); ++i) {
    const auto channel = static_cast<std::int64_t>(i) / out_plane % t.shape[1];
    if (bias != nullptr) {
      sums[i] += static_cast<double>(bias->data<T>()[static_cast<std::size_t>(channel)]);
    }
    y[i] = static_cast<T>(sums[i]);
  }
  return one(std::move(out));
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  for (std::size_t i = 1; i < inputs.size() && inputs[i] != nullptr; ++i) {
    TENBIN_CHECK(need_type(call, *inputs[i], inputs[0]->type()));
  }
  return typed(call, inputs[0]->type(), kReals,
               [&]<class T>() { return compute_as<T>(call, inputs); });
}

std::vector<OpProbe> probes() {
  const Attributes twice = {{"strides", std::vector<std::int64_t>{2, 2}},
                            {"pads", std::vector<std::int64_t>{1, 1, 1, 1}},
                            {"output_padding", std::vector<std::int64_t>{1, 0}}};
  Attributes grouped = {{"group", std::int64_t{2}}, {"dilations", std::vector<std::int64_t>{2, 1}}};
  return {{"twice the size",
           op_call("ConvTranspose", 3, twice),
           {ramp({2, 3, 3, 4}), ramp({3, 2, 3, 3}), ramp({2})},
           {false, true, true},
           false},
          {"in two groups, dilated",
           op_call("ConvTranspose", 2, grouped),
           {ramp({1, 4, 3, 3}), ramp({4, 1, 2, 2})},
           {false, true},
           false}};
}

}  // namespace

const OpEntry& op_conv_transpose() {
  static const OpEntry entry{"",      {"ConvTranspose"}, "The gradient of a convolution, forwards.",
                             compute, nullptr,           probes};
  return entry;
}

}  // namespace tenbin
