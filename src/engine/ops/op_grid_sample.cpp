// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
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

constexpr std::size_t kMostAxes = 3;
using Place = std::array<double, kMostAxes>;  // by axis, outermost first

// One pixel of a plane; outside 0, or what the padding puts there.
template <class T>
double pixel(const Style& style, const T* plane, std::span<const std::int64_t> sizes,
             const Place& at) {
  std::int64_t offset = 0;
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    const auto last = static_cast<double>(sizes[d] - 1);
    double x = settled(style, at[d], sizes[d]);
    if (style.padding == "reflection") x = std::clamp(x, 0.0, last);
    if (!(x >= 0 && x <= last)) return 0;  // NaN too
    offset = offset * sizes[d] + static_cast<std::int64_t>(x);
  }
  return static_cast<double>(plane[offset]);
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

// Weights of the pixels around a place along one axis, from `first` on.
struct Taps {
  double first = 0;
  int count = 2;
  double weights[4] = {};
};

Taps taps_of(const Style& style, double x) {
  Taps taps{std::floor(x)};
  const double part = x - taps.first;
  if (style.mode == "nearest") return {std::nearbyint(x), 1, {1}};
  if (style.mode == "cubic") {
    cubic_weights(part, taps.weights);
    taps.first -= 1;
    taps.count = 4;
    return taps;
  }
  taps.weights[0] = 1 - part;
  taps.weights[1] = part;
  return taps;
}

template <class T>
double sample(const Style& style, const T* plane, std::span<const std::int64_t> sizes,
              const Place& place) {
  std::array<Taps, kMostAxes> taps;
  int total = 1;
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    taps[d] = taps_of(style, place[d]);
    total *= taps[d].count;
  }
  double sum = 0;
  for (int i = 0; i < total; ++i) {
    Place at{};
    double weight = 1;
    int rest = i;
    for (std::size_t d = sizes.size(); d-- > 0; rest /= taps[d].count) {
      const int k = rest % taps[d].count;
      at[d] = taps[d].first + k;
      weight *= taps[d].weights[k];
    }
    sum += weight * pixel(style, plane, sizes, at);
  }
  return sum;
}

template <class T> Outputs sample_all(const Style& style, const Tensor& in, const Tensor& grid) {
  const Shape &s = in.shape(), &g = grid.shape();
  const std::span<const std::int64_t> sizes = std::span(s).subspan(2);
  Shape shape = {s[0], s[1]};
  shape.insert(shape.end(), g.begin() + 1, g.end() - 1);
  TENBIN_TRY(Tensor out, checked_tensor(in.type(), shape));
  const auto places = grid.data<T>();
  const auto y = out.data<T>();
  const std::int64_t plane = count_of(Shape(sizes.begin(), sizes.end()));
  const std::int64_t each = count_of(Shape(g.begin() + 1, g.end() - 1));
  for (std::int64_t b = 0; b < s[0]; ++b) {
    for (std::int64_t i = 0; i < each; ++i) {
      const std::size_t at = static_cast<std::size_t>(b * each + i) * sizes.size();
      Place place{};
      for (std::size_t d = 0; d < sizes.size(); ++d) {  // the field names the last axis first
        const auto given = static_cast<double>(places[at + sizes.size() - 1 - d]);
        place[d] = pixels_of(style, given, sizes[d]);
        if (style.mode != "cubic") place[d] = settled(style, place[d], sizes[d]);
      }
      for (std::int64_t c = 0; c < s[1]; ++c) {
        const T* from = in.data<T>().data() + (b * s[1] + c) * plane;
        y[static_cast<std::size_t>((b * s[1] + c) * each + i)] =
            static_cast<T>(sample(style, from, sizes, place));
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
  const std::size_t rank = s.size() < 2 ? 0 : s.size() - 2;
  bool fits = (rank == 2 || rank == 3) && g.size() == s.size() && g[0] == s[0] &&
              g.back() == static_cast<std::int64_t>(rank);
  for (std::size_t d = 2; fits && d < s.size(); ++d) fits = s[d] > 0;
  if (!fits) return bad_operands(call, "grid " + to_text(g) + " of " + to_text(s));
  Style style{call.text("mode", "bilinear"), call.text("padding_mode", "zeros"),
              call.integer("align_corners", 0) != 0};
  if (style.mode == "linear") style.mode = "bilinear";  // from operator set 20
  if (style.mode == "bicubic") style.mode = "cubic";
  const bool known =
      (style.mode == "bilinear" || style.mode == "nearest" || style.mode == "cubic") &&
      (style.padding == "zeros" || style.padding == "border" || style.padding == "reflection");
  if (!known) {
    return bad_operands(call, "mode '" + style.mode + "', padding '" + style.padding + "'");
  }
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
