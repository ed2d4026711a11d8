// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

struct Window {
  std::vector<std::int64_t> kernel, strides, dilations, pads;
};

std::int64_t out_size(std::int64_t in, const Window& w, std::size_t d) {
  const std::int64_t reach = (w.kernel[d] - 1) * w.dilations[d] + 1;
  return (in + w.pads[d] + w.pads[d + 2] - reach) / w.strides[d] + 1;
}

Result<Window> window_of(const OpCall& call, const Shape& src, std::vector<std::int64_t> kernel) {
  if (src.size() != 4 || kernel.size() != 2) {
    return bad_operands(call,
                        "shape " + to_text(src) + ", expected [batch, channels, height, width]");
  }
  Window w{std::move(kernel), call.integers("strides", {1, 1}), call.integers("dilations", {1, 1}),
           call.integers("pads", {0, 0, 0, 0})};
  if (call.text("auto_pad", "NOTSET") != "NOTSET" || call.integer("ceil_mode", 0) != 0) {
    return Error(ErrorCode::kUnsupportedOp, "operator '" + call.op + "' with auto_pad or ceil_mode",
                 "node '" + call.name + "'");
  }
  for (std::size_t d = 0; d < 2; ++d) {
    if (out_size(src[d + 2], w, d) < 1) return bad_operands(call, "window larger than its input");
  }
  return w;
}

// Calls visit(source row, source column) for each place of the window that lies in the source.
template <class F>
void visit_window(const Window& w, const Shape& src, std::int64_t oy, std::int64_t ox, F&& visit) {
  for (std::int64_t ky = 0; ky < w.kernel[0]; ++ky) {
    const std::int64_t y = oy * w.strides[0] - w.pads[0] + ky * w.dilations[0];
    if (y < 0 || y >= src[2]) continue;
    for (std::int64_t kx = 0; kx < w.kernel[1]; ++kx) {
      const std::int64_t x = ox * w.strides[1] - w.pads[1] + kx * w.dilations[1];
      if (x >= 0 && x < src[3]) visit(y * src[3] + x, ky * w.kernel[1] + kx);
    }
  }
}

Result<std::vector<Tensor>> convolve(const OpCall& call, OpInputs inputs) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& src = *inputs[0];
  const Shape& s = src.shape();
  const Shape& k = inputs[1]->shape();
  if (k.size() != 4) return bad_operands(call, "weights " + to_text(k));
  TENBIN_TRY(const Window w, window_of(call, s, {k[2], k[3]}));
  const std::int64_t groups = call.integer("group", 1);
  if (groups < 1 || s[1] != k[1] * groups || k[0] % groups != 0) {
    return bad_operands(call, "input " + to_text(s) + " and weights " + to_text(k));
  }
  Tensor out(ElementType::kFloat32, {s[0], k[0], out_size(s[2], w, 0), out_size(s[3], w, 1)});
  const Shape& o = out.shape();
  const auto x = src.data<float>();
  const auto weights = inputs[1]->data<float>();
  const Tensor* bias = inputs.size() > 2 ? inputs[2] : nullptr;
  std::size_t at = 0;
  for (std::int64_t b = 0; b < o[0]; ++b) {
    for (std::int64_t c = 0; c < o[1]; ++c) {
      const std::int64_t first = c / (k[0] / groups) * k[1];
      for (std::int64_t i = 0; i < o[2] * o[3]; ++i, ++at) {
        double sum =
            bias ? static_cast<double>(bias->data<float>()[static_cast<std::size_t>(c)]) : 0;
        visit_window(w, s, i / o[3], i % o[3], [&](std::int64_t pixel, std::int64_t tap) {
          for (std::int64_t p = 0; p < k[1]; ++p) {
            const std::int64_t from = (b * s[1] + first + p) * s[2] * s[3] + pixel;
            const std::int64_t by = (c * k[1] + p) * k[2] * k[3] + tap;
            sum += static_cast<double>(x[static_cast<std::size_t>(from)]) *
                   static_cast<double>(weights[static_cast<std::size_t>(by)]);
          }
        });
        out.data<float>()[at] = static_cast<float>(sum);
      }
    }
  }
  return one(std::move(out));
}

Result<std::vector<Tensor>> pool(const OpCall& call, const Tensor& src) {
  const Shape& s = src.shape();
  const bool global = call.op.starts_with("Global");
  const bool largest = call.op.ends_with("MaxPool");
  std::vector<std::int64_t> kernel = call.integers("kernel_shape");
  if (global && s.size() == 4) kernel = {s[2], s[3]};
  TENBIN_TRY(const Window w, window_of(call, s, kernel));
  const bool counts_pads = call.integer("count_include_pad", 0) != 0;
  Tensor out(ElementType::kFloat32, {s[0], s[1], out_size(s[2], w, 0), out_size(s[3], w, 1)});
  const Shape& o = out.shape();
  const auto x = src.data<float>();
  for (std::int64_t at = 0; at < out.count(); ++at) {
    const std::int64_t plane = at / (o[2] * o[3]), i = at % (o[2] * o[3]);
    double sum = 0, count = 0;
    float top = std::numeric_limits<float>::lowest();
    visit_window(w, s, i / o[3], i % o[3], [&](std::int64_t pixel, std::int64_t) {
      const float value = x[static_cast<std::size_t>(plane * s[2] * s[3] + pixel)];
      top = std::max(top, value);
      sum += static_cast<double>(value);
      ++count;
    });
    if (counts_pads) count = static_cast<double>(w.kernel[0] * w.kernel[1]);
    out.data<float>()[static_cast<std::size_t>(at)] =
        largest ? top : static_cast<float>(sum / count);
  }
  return one(std::move(out));
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  for (const Tensor* input : inputs) {
    if (input != nullptr && input->type() != ElementType::kFloat32) {
      return bad_element_type(call, input->type(), "float32");
    }
  }
  return call.op == "Conv" ? convolve(call, inputs) : pool(call, *inputs[0]);
}

Tensor ramp(Shape shape) {
  Tensor out(ElementType::kFloat32, std::move(shape));
  float value = -1;
  for (float& x : out.data<float>()) {
    x = value;
    value += value > 2 ? -3.7F : 0.61F;
  }
  return out;
}

std::vector<OpProbe> probes() {
  const Attributes padded = {{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}};
  const Attributes halves = {{"kernel_shape", std::vector<std::int64_t>{2, 2}},
                             {"strides", std::vector<std::int64_t>{2, 2}}};
  Attributes grouped = padded;
  grouped["group"] = std::int64_t{4};
  grouped["strides"] = std::vector<std::int64_t>{2, 2};
  const Attributes dilated = {{"group", std::int64_t{2}},
                              {"dilations", std::vector<std::int64_t>{2, 2}},
                              {"pads", std::vector<std::int64_t>{2, 1, 2, 1}}};
  const Attributes overlapping = {{"kernel_shape", std::vector<std::int64_t>{3, 3}},
                                  {"strides", std::vector<std::int64_t>{2, 2}},
                                  {"pads", std::vector<std::int64_t>{1, 1, 1, 1}}};
  return {
      {"3x3, padded, with bias",
       op_call("Conv", 3, padded),
       {ramp({2, 3, 6, 6}), ramp({4, 3, 3, 3}), ramp({4})},
       {false, true, true}},
      {"depthwise with stride",
       op_call("Conv", 2, grouped),
       {ramp({1, 4, 6, 6}), ramp({4, 1, 3, 3})},
       {false, true}},
      {"dilated, in two groups",
       op_call("Conv", 3, dilated),
       {ramp({2, 4, 7, 7}), ramp({6, 2, 3, 3}), ramp({6})},
       {false, true, true}},
      {"wide enough for blocks of channels",
       op_call("Conv", 3, padded),
       {ramp({1, 16, 5, 5}), ramp({32, 16, 3, 3}), ramp({32})},
       {false, true, true}},
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

const OpEntry& op_conv() {
  static const OpEntry entry{
      "",
      {"Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool"},
      "Windows over images: convolution and pooling.",
      compute,
      nullptr,
      probes};
  return entry;
}

}  // namespace tenbin
