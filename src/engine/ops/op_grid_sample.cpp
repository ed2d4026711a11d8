// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "engine/typed.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

struct Style {
  std::string mode, padding;
  bool corners = false;
};

// A place in [-1, 1] as a number of pixels.
double pixels_of(const Style& style, double x, std::int64_t size) {
  const auto n = static_cast<double>(size);
  return style.corners ? (x + 1) / 2 * (n - 1) : ((x + 1) * n - 1) / 2;
}

// Mirrored at the borders until it lies inside.
double reflected(double x, double low, double high) {
  const double range = high - low;
  if (range <= 0) return low;
  const double turn = std::fmod(std::fabs(x - low), 2 * range);
  return low + (turn > range ? 2 * range - turn : turn);
}

double settled(const Style& style, double x, std::int64_t size) {
  const auto n = static_cast<double>(size);
  if (style.padding == "border") return std::clamp(x, 0.0, n - 1);
  if (style.padding != "reflection") return x;
  const double low = style.corners ? 0 : -0.5, high = style.corners ? n - 1 : n - 0.5;
  return reflected(x, low, high);
}

// One pixel of a plane; outside 0, or what the padding puts there.
template <class T>
double pixel(const Style& style, const T* plane, const std::int64_t* sizes, double y, double x) {
  const double row = settled(style, y, sizes[0]), column = settled(style, x, sizes[1]);
  const double r =
      style.padding == "reflection" ? std::clamp(row, 0.0, static_cast<double>(sizes[0] - 1)) : row;
  const double c = style.padding == "reflection"
                       ? std::clamp(column, 0.0, static_cast<double>(sizes[1] - 1))
                       : column;
  const bool inside =
      r >= 0 && c >= 0 && r < static_cast<double>(sizes[0]) && c < static_cast<double>(sizes[1]);
  if (!inside) return 0;  // NaN too
  return static_cast<double>(
      plane[static_cast<std::int64_t>(r) * sizes[1] + static_cast<std::int64_t>(c)]);
}

void cubic_weights(double t, double* weights) {
  constexpr double kA = -0.75;
  const auto near = [](double d) { return ((kA + 2) * d - (kA + 3)) * d * d + 1; };
  const auto far = [](double d) { return ((kA * d - 5 * kA) * d + 8 * kA) * d - 4 * kA; };
  weights[0] = far(t + 1);
  weights[1] = near(t);
  weights[2] = near(1 - t);
  weights[3] = far(2 - t);
}

template <class T>
double sample(const Style& style, const T* plane, const std::int64_t* sizes, double y, double x) {
  if (style.mode == "nearest") {
    return pixel(style, plane, sizes, std::nearbyint(y), std::nearbyint(x));
  }
  const double top = std::floor(y), left = std::floor(x);
  double rows[4] = {1 - (y - top), y - top}, columns[4] = {1 - (x - left), x - left};
  const bool cubic = style.mode == "cubic";
  if (cubic) {
    cubic_weights(y - top, rows);
    cubic_weights(x - left, columns);
  }
  const int taps = cubic ? 4 : 2, before = cubic ? 1 : 0;
  double sum = 0;
  for (int i = 0; i < taps; ++i) {
    for (int j = 0; j < taps; ++j) {
      sum += rows[i] * columns[j] *
             pixel(style, plane, sizes, top + (i - before), left + (j - before));
    }
  }
  return sum;
}

template <class T> Outputs sample_all(const Style& style, const Tensor& in, const Tensor& grid) {
  const Shape &s = in.shape(), &g = grid.shape();
  TENBIN_TRY(Tensor out, checked_tensor(in.type(), {s[0], s[1], g[1], g[2]}));
  const auto places = grid.data<T>();
  const auto y = out.data<T>();
  const std::int64_t plane = s[2] * s[3], each = g[1] * g[2];
  const std::int64_t* sizes = s.data() + 2;
  for (std::int64_t b = 0; b < s[0]; ++b) {
    for (std::int64_t i = 0; i < each; ++i) {
      const auto at = static_cast<std::size_t>((b * each + i) * 2);
      double column = pixels_of(style, static_cast<double>(places[at]), s[3]);
      double row = pixels_of(style, static_cast<double>(places[at + 1]), s[2]);
      if (style.mode != "cubic") {
        row = settled(style, row, s[2]);
        column = settled(style, column, s[3]);
      }
      for (std::int64_t c = 0; c < s[1]; ++c) {
        const T* from = in.data<T>().data() + (b * s[1] + c) * plane;
        y[static_cast<std::size_t>((b * s[1] + c) * each + i)] =
            static_cast<T>(sample(style, from, sizes, row, column));
      }
    }
  }
  return one(std::move(out));
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor &in = *inputs[0], &grid = *inputs[1];
  TENBIN_CHECK(need_type(call, grid, in.type()));
  const Shape &s = in.shape(), &g = grid.shape();
  if (s.size() != 4 || g.size() != 4 || g[3] != 2 || g[0] != s[0] || s[2] < 1 || s[3] < 1) {
    return bad_operands(call, "grid " + to_text(g) + " of " + to_text(s));
  }
  Style style{call.text("mode", "bilinear"), call.text("padding_mode", "zeros"),
              call.integer("align_corners", 0) != 0};
  if (style.mode == "linear") style.mode = "bilinear";  // from operator set 20
  if (style.mode == "bicubic") style.mode = "cubic";
  const bool known =
      (style.mode == "bilinear" || style.mode == "nearest" || style.mode == "cubic") &&
      (style.padding == "zeros" || style.padding == "border" || style.padding == "reflection");
  if (!known)
    return bad_operands(call, "mode '" + style.mode + "', padding '" + style.padding + "'");
  return typed(call, in.type(), kReals, [&]<class T>() { return sample_all<T>(style, in, grid); });
}

std::vector<OpProbe> probes() {
  const Tensor grid = Tensor::of<float>({1, 1, 3, 2}, {0, 0, -0.9F, 0.7F, 1.2F, 0.1F});
  std::vector<OpProbe> out;
  for (const char* mode : {"bilinear", "nearest"}) {
    for (const char* padding : {"zeros", "border", "reflection"}) {
      out.push_back({mode,
                     op_call("GridSample", 2,
                             {{"mode", std::string(mode)}, {"padding_mode", std::string(padding)}}),
                     {ramp({1, 2, 3, 4}), grid},
                     {},
                     false});
    }
  }
  return out;
}

}  // namespace

const OpEntry& op_grid_sample() {
  static const OpEntry entry{"",      {"GridSample"}, "Pixels at places given by a field.",
                             compute, nullptr,        probes};
  return entry;
}

}  // namespace tenbin
