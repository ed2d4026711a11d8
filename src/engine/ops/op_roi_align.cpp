// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "engine/typed.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

struct Options {
  std::int64_t height = 1, width = 1, ratio = 0;
  double scale = 1, shift = 0;  // of the region's corners; half a pixel for half_pixel
  bool half_pixel = false, largest = false;
};

// Four pixels around a place, with their weights.
struct Corners {
  std::int64_t at[4] = {};
  double weights[4] = {};
};

Corners corners_of(double y, double x, std::int64_t height, std::int64_t width) {
  Corners out;
  if (!(y >= -1 && y <= static_cast<double>(height) && x >= -1 &&
        x <= static_cast<double>(width))) {
    return out;
  }
  const auto settle = [](double& v, std::int64_t size) {
    v = std::max(v, 0.0);
    const auto low = std::min(static_cast<std::int64_t>(v), size - 1);
    if (low >= size - 1) v = static_cast<double>(low);
    return low;
  };
  const std::int64_t top = settle(y, height), left = settle(x, width);
  const std::int64_t bottom = std::min(top + 1, height - 1), right = std::min(left + 1, width - 1);
  const double down = y - static_cast<double>(top), across = x - static_cast<double>(left);
  const std::int64_t places[4] = {top * width + left, top * width + right, bottom * width + left,
                                  bottom * width + right};
  const double weights[4] = {(1 - down) * (1 - across), (1 - down) * across, down * (1 - across),
                             down * across};
  std::copy_n(places, 4, out.at);
  std::copy_n(weights, 4, out.weights);
  return out;
}

// The places that are looked at in each bin of one region, bin after bin.
Result<std::vector<Corners>> places_of(const OpCall& call, const Options& o, const double* region,
                                       const Shape& s, std::int64_t& each) {
  const double left = region[0] * o.scale - o.shift, top = region[1] * o.scale - o.shift;
  double width = region[2] * o.scale - o.shift - left;
  double height = region[3] * o.scale - o.shift - top;
  if (!o.half_pixel) {  // the older form makes small regions one pixel large
    width = std::max(width, 1.0);
    height = std::max(height, 1.0);
  }
  const double bin_h = height / static_cast<double>(o.height);
  const double bin_w = width / static_cast<double>(o.width);
  const double rows = o.ratio > 0 ? static_cast<double>(o.ratio) : std::ceil(bin_h);
  const double columns = o.ratio > 0 ? static_cast<double>(o.ratio) : std::ceil(bin_w);
  const double total = rows * columns * static_cast<double>(o.height * o.width);
  if (!(total >= 0 && total <= static_cast<double>(limits::kTensorElements / 64))) {
    return bad_operands(
        call, "a region of " + std::to_string(width) + " by " + std::to_string(height) + " pixels");
  }
  const auto ny = static_cast<std::int64_t>(rows), nx = static_cast<std::int64_t>(columns);
  each = ny * nx;
  std::vector<Corners> out;
  for (std::int64_t bin = 0; bin < o.height * o.width; ++bin) {
    for (std::int64_t i = 0; i < each; ++i) {
      const auto part = [](std::int64_t k, std::int64_t n) {
        return (static_cast<double>(k) + 0.5) / static_cast<double>(n);
      };
      const double y = top + (static_cast<double>(bin / o.width) + part(i / nx, ny)) * bin_h;
      const double x = left + (static_cast<double>(bin % o.width) + part(i % nx, nx)) * bin_w;
      out.push_back(corners_of(y, x, s[2], s[3]));
    }
  }
  return out;
}

template <class T>
double pooled(const Options& o, const T* plane, const Corners* places, std::int64_t each) {
  double out = 0;
  for (std::int64_t i = 0; i < each; ++i) {
    const Corners& c = places[i];
    double value = 0, top = c.weights[0] * static_cast<double>(plane[c.at[0]]);
    for (int k = 0; k < 4; ++k) {
      const double part = c.weights[k] * static_cast<double>(plane[c.at[k]]);
      value += part;
      top = std::max(top, part);
    }
    if (o.largest) {
      out = i == 0 ? top : std::max(out, top);
    } else {
      out += value;
    }
  }
  return o.largest || each == 0 ? out : out / static_cast<double>(each);
}

template <class T> Outputs align(const OpCall& call, OpInputs inputs, const Options& o) {
  const Tensor &in = *inputs[0], &regions = *inputs[1];
  const Shape& s = in.shape();
  const std::int64_t count = regions.shape()[0];
  TENBIN_TRY(const auto images, integers_of(call, *inputs[2]));
  TENBIN_TRY(Tensor out, checked_tensor(in.type(), {count, s[1], o.height, o.width}));
  const auto y = out.data<T>();
  std::size_t next = 0;
  for (std::int64_t r = 0; r < count; ++r) {
    const std::int64_t image = images[static_cast<std::size_t>(r)];
    if (image < 0 || image >= s[0]) return bad_operands(call, "image " + std::to_string(image));
    double region[4];
    for (std::size_t k = 0; k < 4; ++k) {
      region[k] = static_cast<double>(regions.data<T>()[static_cast<std::size_t>(r) * 4 + k]);
    }
    std::int64_t each = 0;
    TENBIN_TRY(const auto places, places_of(call, o, region, s, each));
    for (std::int64_t c = 0; c < s[1]; ++c) {
      const T* plane = in.data<T>().data() + (image * s[1] + c) * s[2] * s[3];
      for (std::int64_t bin = 0; bin < o.height * o.width; ++bin) {
        y[next++] = static_cast<T>(pooled(o, plane, places.data() + bin * each, each));
      }
    }
  }
  return one(std::move(out));
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 3));
  const Tensor &in = *inputs[0], &regions = *inputs[1];
  TENBIN_CHECK(need_type(call, regions, in.type()));
  const Shape &s = in.shape(), &r = regions.shape();
  Options o{call.integer("output_height", 1), call.integer("output_width", 1),
            call.integer("sampling_ratio", 0)};
  const bool fits = s.size() == 4 && s[2] > 0 && s[3] > 0 && r.size() == 2 && r[1] == 4 &&
                    inputs[2]->count() == r[0];
  if (!fits) return bad_operands(call, "regions " + to_text(r) + " of " + to_text(s));
  TENBIN_CHECK(checked_tensor(ElementType::kFloat32, {o.height, o.width}));
  const std::string fallback = call.opset < 16 ? "output_half_pixel" : "half_pixel";
  o.half_pixel = call.text("coordinate_transformation_mode", fallback) == "half_pixel";
  o.shift = o.half_pixel ? 0.5 : 0;
  o.scale = static_cast<double>(call.number("spatial_scale", 1));
  o.largest = call.text("mode", "avg") == "max";
  return typed(call, in.type(), kReals, [&]<class T>() { return align<T>(call, inputs, o); });
}

std::vector<OpProbe> probes() {
  const Attributes two = {{"output_height", std::int64_t{2}},
                          {"output_width", std::int64_t{2}},
                          {"sampling_ratio", std::int64_t{2}}};
  return {{"means of a region",
           op_call("RoiAlign", 3, two),
           {ramp({1, 2, 5, 5}), Tensor::of<float>({1, 4}, {0.5F, 1, 3.5F, 4}),
            Tensor::of<std::int64_t>({1}, {0})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_roi_align() {
  static const OpEntry entry{"",      {"RoiAlign"}, "Regions of images brought to one size.",
                             compute, nullptr,      probes};
  return entry;
}

}  // namespace tenbin
