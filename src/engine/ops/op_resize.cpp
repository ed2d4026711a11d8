// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "engine/axes.h"
#include "engine/convert.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

struct Axis {
  std::int64_t in = 1, out = 1;
  double scale = 1, begin = 0, end = 1;  // begin and end: the region of tf_crop_and_resize
};

struct Style {
  std::string coordinates, mode, nearest;
  double cubic = -0.75, outside_value = 0;
  bool exclude_outside = false, antialias = false;
};

// Where an element of the result lies in the source.
double source_place(const Style& style, const Axis& a, std::int64_t i) {
  const auto x = static_cast<double>(i);
  const auto in = static_cast<double>(a.in), out = static_cast<double>(a.out);
  const double full = a.scale * in;  // the size before it was rounded down
  const std::string& how = style.coordinates;
  if (how == "asymmetric") return x / a.scale;
  if (how == "tf_half_pixel_for_nn") return (x + 0.5) / a.scale;
  if (how == "align_corners") return full == 1 ? 0 : x * (in - 1) / (full - 1);
  if (how == "pytorch_half_pixel" && a.out == 1) return 0;
  if (how == "tf_crop_and_resize") {
    if (a.out == 1) return 0.5 * (a.begin + a.end) * (in - 1);
    return a.begin * (in - 1) + x * (a.end - a.begin) * (in - 1) / (out - 1);
  }
  const double half_pixel = (x + 0.5) / a.scale - 0.5;
  if (how != "half_pixel_symmetric") return half_pixel;
  return in / 2 * (1 - out / full) + half_pixel;
}

std::int64_t nearest_place(const Style& style, double place) {
  if (style.nearest == "floor") return static_cast<std::int64_t>(std::floor(place));
  if (style.nearest == "ceil") return static_cast<std::int64_t>(std::ceil(place));
  if (style.nearest == "round_prefer_ceil") {
    return static_cast<std::int64_t>(std::floor(place + 0.5));
  }
  return static_cast<std::int64_t>(std::ceil(place - 0.5));
}

// An element of the result along one axis: what is read, with what weight.
struct Mix {
  std::vector<std::int64_t> from;
  std::vector<double> weights;
};

double cubic_weight(double a, double distance) {
  const double d = std::fabs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

// A smaller image may be mixed from all that lies under an element: the curve is stretched.
Mix mix_of(const Style& style, const Axis& axis, double place) {
  const auto base = static_cast<std::int64_t>(std::floor(place));
  const double part = place - static_cast<double>(base);
  const bool cubic = style.mode == "cubic";
  const double squeeze = style.antialias ? std::min(axis.scale, 1.0) : 1;
  const auto first = static_cast<std::int64_t>(std::floor((cubic ? -2 : -1) / squeeze)) + 1;
  Mix mix;
  double sum = 0;
  for (std::int64_t k = first; k <= 1 - first; ++k) {
    const double distance = (static_cast<double>(k) - part) * squeeze;
    double weight =
        cubic ? cubic_weight(style.cubic, distance) : std::max(0.0, 1 - std::fabs(distance));
    if (style.exclude_outside && (base + k < 0 || base + k >= axis.in)) weight = 0;
    mix.from.push_back(std::clamp<std::int64_t>(base + k, 0, axis.in - 1));
    mix.weights.push_back(weight);
    sum += weight;
  }
  if ((style.exclude_outside || style.antialias) && sum != 0) {
    for (double& weight : mix.weights) weight /= sum;
  }
  return mix;
}

// Mixes along one axis of [outer, in, inner].
std::vector<double> resample(const std::vector<double>& src, const AxisView& view,
                             const std::vector<Mix>& mixes) {
  const auto inner = static_cast<std::size_t>(view.inner);
  std::vector<double> out(static_cast<std::size_t>(view.outer) * mixes.size() * inner, 0);
  for (std::size_t o = 0; o < static_cast<std::size_t>(view.outer); ++o) {
    for (std::size_t i = 0; i < mixes.size(); ++i) {
      double* to = out.data() + (o * mixes.size() + i) * inner;
      for (std::size_t k = 0; k < mixes[i].from.size(); ++k) {
        const double weight = mixes[i].weights[k];
        const double* from = src.data() + (o * static_cast<std::size_t>(view.size) +
                                           static_cast<std::size_t>(mixes[i].from[k])) *
                                              inner;
        for (std::size_t j = 0; j < inner; ++j) to[j] += weight * from[j];
      }
    }
  }
  return out;
}

bool changes(const Style& style, const Axis& a) {
  return a.in != a.out || a.scale != 1 || style.coordinates == "tf_crop_and_resize";
}

template <class T>
Tensor interpolate(const Style& style, const Tensor& in, const std::vector<Axis>& axes) {
  const auto x = in.data<T>();
  std::vector<double> values(x.begin(), x.end());
  Shape shape = in.shape();
  std::vector<std::vector<bool>> outside(axes.size());
  for (std::size_t d = 0; d < axes.size(); ++d) {
    if (!changes(style, axes[d])) continue;
    std::vector<Mix> mixes;
    for (std::int64_t i = 0; i < axes[d].out; ++i) {
      const double place = source_place(style, axes[d], i);
      mixes.push_back(mix_of(style, axes[d], place));
      outside[d].push_back(place < 0 || place > static_cast<double>(axes[d].in - 1));
    }
    values = resample(values, around_axis(shape, static_cast<std::int64_t>(d)), mixes);
    shape[d] = axes[d].out;
  }
  Tensor out(in.type(), shape);
  const auto y = out.data<T>();
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = converted<T>(values[i]);
  if (style.coordinates != "tf_crop_and_resize") return out;
  const std::vector<std::int64_t> strides = strides_of(shape);
  for (std::size_t i = 0; i < y.size(); ++i) {
    bool is_outside = false;
    for (std::size_t d = 0; d < axes.size(); ++d) {
      const auto at = static_cast<std::int64_t>(i) / strides[d] % shape[d];
      is_outside |= !outside[d].empty() && outside[d][static_cast<std::size_t>(at)];
    }
    if (is_outside) y[i] = converted<T>(style.outside_value);
  }
  return out;
}

Result<std::vector<double>> numbers_of(const OpCall& call, const Tensor* operand) {
  std::vector<double> out;
  if (operand == nullptr) return out;
  const auto read = [&]<class T>() {
    const auto values = operand->data<T>();
    out.assign(values.begin(), values.end());
    return std::vector<Tensor>();
  };
  TENBIN_CHECK(typed(call, operand->type(), kReals + Types<std::int64_t>(), read));
  return out;
}

// One scale for all axes, so that no size is larger (or smaller) than asked for.
Status keep_aspect(const OpCall& call, const Shape& shape, const std::vector<std::int64_t>& axes,
                   std::vector<double>& sizes, std::vector<double>& scales) {
  const std::string policy = call.text("keep_aspect_ratio_policy", "stretch");
  if (policy == "stretch" || sizes.size() != axes.size()) return {};
  if (policy != "not_larger" && policy != "not_smaller") {
    return bad_operands(call, "keep_aspect_ratio_policy '" + policy +
                                  "', expected stretch, not_larger or not_smaller");
  }
  std::vector<double> ins;
  double common = -1;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    TENBIN_TRY(const std::int64_t at, axis_of(call, axes[i], shape.size()));
    ins.push_back(static_cast<double>(shape[static_cast<std::size_t>(at)]));
    const double own = sizes[i] / std::max(ins.back(), 1.0);
    const bool closer = policy == "not_larger" ? own < common : own > common;
    if (common < 0 || closer) common = own;
  }
  for (std::size_t i = 0; i < axes.size(); ++i) sizes[i] = std::floor(common * ins[i] + 0.5);
  scales.assign(axes.size(), common);
  return {};
}

// The axes by what the operator set of the call gives: scales, or sizes.
Result<std::vector<Axis>> axes_of(const OpCall& call, OpInputs inputs) {
  const Shape& shape = inputs[0]->shape();
  const bool early = call.op == "Upsample" || call.opset < 11;  // scales are operand 1
  TENBIN_TRY(auto scales, numbers_of(call, input_of(inputs, early ? 1 : 2)));
  if (early && scales.empty()) {
    for (const float scale : call.numbers("scales")) scales.push_back(static_cast<double>(scale));
  }
  TENBIN_TRY(auto sizes, numbers_of(call, early ? nullptr : input_of(inputs, 3)));
  TENBIN_TRY(const auto region, numbers_of(call, early ? nullptr : input_of(inputs, 1)));
  std::vector<std::int64_t> named = call.integers("axes");
  if (named.empty()) {
    for (std::size_t d = 0; d < shape.size(); ++d) named.push_back(static_cast<std::int64_t>(d));
  }
  const bool by_size = !sizes.empty();
  if (by_size) scales.clear();
  TENBIN_CHECK(keep_aspect(call, shape, named, sizes, scales));
  if ((by_size ? sizes : scales).size() != named.size()) {
    return bad_operands(call, std::to_string((by_size ? sizes : scales).size()) +
                                  " sizes or scales for " + std::to_string(named.size()) + " axes");
  }
  std::vector<Axis> out(shape.size());
  for (std::size_t d = 0; d < shape.size(); ++d) out[d].in = out[d].out = shape[d];
  for (std::size_t i = 0; i < named.size(); ++i) {
    TENBIN_TRY(const std::int64_t at, axis_of(call, named[i], shape.size()));
    Axis& a = out[static_cast<std::size_t>(at)];
    const double size = by_size ? sizes[i] : std::floor(static_cast<double>(a.in) * scales[i]);
    const bool fits = size >= 0 && size <= static_cast<double>(limits::kTensorElements);
    if (!fits || (a.in == 0 && size > 0) || (!by_size && !(scales[i] > 0))) {
      return bad_operands(call, "size or scale " + std::to_string(by_size ? size : scales[i]) +
                                    " of axis " + std::to_string(at));
    }
    a.out = static_cast<std::int64_t>(size);
    a.scale =
        scales.empty() ? size / static_cast<double>(std::max<std::int64_t>(a.in, 1)) : scales[i];
    if (region.size() == 2 * named.size()) {
      a.begin = region[i];
      a.end = region[i + named.size()];
    }
  }
  return out;
}

Result<Style> style_of(const OpCall& call) {
  const bool early = call.op == "Upsample" || call.opset < 11;
  Style style;
  style.mode = call.text("mode", "nearest");
  if (style.mode == "bilinear") style.mode = "linear";  // Upsample before operator set 9
  style.coordinates =
      call.text("coordinate_transformation_mode", early ? "asymmetric" : "half_pixel");
  style.nearest = call.text("nearest_mode", early ? "floor" : "round_prefer_floor");
  style.cubic = static_cast<double>(call.number("cubic_coeff_a", -0.75F));
  style.outside_value = static_cast<double>(call.number("extrapolation_value", 0));
  style.exclude_outside = call.integer("exclude_outside", 0) != 0;
  if (style.mode != "nearest" && style.mode != "linear" && style.mode != "cubic") {
    return bad_operands(call, "mode '" + style.mode + "', expected nearest, linear or cubic");
  }
  style.antialias = call.integer("antialias", 0) != 0;
  return style;
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  TENBIN_TRY(const Style style, style_of(call));
  TENBIN_TRY(const std::vector<Axis> axes, axes_of(call, inputs));
  Shape shape;
  for (const Axis& axis : axes) shape.push_back(axis.out);
  TENBIN_CHECK(checked_tensor(ElementType::kFloat64, shape));  // what is mixed is mixed in doubles
  if (style.mode == "nearest") {
    TENBIN_TRY(Tensor out, picked(in, shape, [&](std::size_t d, std::int64_t i) {
                 if (!changes(style, axes[d])) return i;
                 const std::int64_t at = nearest_place(style, source_place(style, axes[d], i));
                 return std::clamp<std::int64_t>(at, 0, axes[d].in - 1);
               }));
    return one(std::move(out));
  }
  return typed(call, in.type(), kNumbers,
               [&]<class T>() { return one(interpolate<T>(style, in, axes)); });
}

std::vector<OpProbe> probes() {
  const Tensor x = ramp({1, 1, 3, 4});
  const Tensor none(ElementType::kFloat32, {0});
  const Tensor scales = Tensor::of<float>({4}, {1, 1, 2, 0.75F});
  const auto with = [](const char* mode, const char* coordinates) {
    return op_call("Resize", 3,
                   {{"mode", std::string(mode)},
                    {"coordinate_transformation_mode", std::string(coordinates)}});
  };
  return {{"nearest", with("nearest", "asymmetric"), {x, none, scales}, {}, false},
          {"linear", with("linear", "half_pixel"), {x, none, scales}, {}, false},
          {"linear by corners", with("linear", "align_corners"), {x, none, scales}, {}, false},
          {"cubic", with("cubic", "half_pixel"), {x, none, scales}, {}, false}};
}

}  // namespace

const OpEntry& op_resize() {
  static const OpEntry entry{
      "", {"Resize", "Upsample"}, "Another size by interpolation.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin
