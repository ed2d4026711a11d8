// SPDX-License-Identifier: Apache-2.0
#include "app/report/svg.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/units.h"

namespace tenbin {
namespace {

constexpr double kWidth = 640, kHeight = 240, kLeft = 64, kBottom = 40, kTop = 12, kRight = 12;
constexpr std::size_t kMostPoints = 1'000;
constexpr const char* kColours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"};

struct Range {
  double lo = 1e300, hi = -1e300;
  void add(double v) {
    lo = std::min(lo, v);
    hi = std::max(hi, v);
  }
  bool empty() const { return hi < lo; }
  void widen() {
    if (hi - lo < 1e-12) {
      lo -= 0.5;
      hi += 0.5;
    }
  }
};

double place_x(const Range& r, double x) {
  return kLeft + (x - r.lo) / (r.hi - r.lo) * (kWidth - kLeft - kRight);
}
double place_y(const Range& r, double y) {
  return kHeight - kBottom - (y - r.lo) / (r.hi - r.lo) * (kHeight - kBottom - kTop);
}

std::string number(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", v);
  return text;
}

std::string label(double x, double y, const std::string& text, const char* anchor) {
  return "<text x='" + number(x) + "' y='" + number(y) + "' text-anchor='" + anchor + "'>" +
         escaped(text) + "</text>";
}

std::string open_svg(const Axes& axes) {
  return "<svg viewBox='0 0 640 240' role='img'><title>" + escaped(axes.title) + "</title>";
}

std::string frame(const Axes& axes, const Range& xs, const Range& ys, bool x_numbers) {
  std::string out;
  for (int i = 0; i <= 4; ++i) {
    const double y = ys.lo + (ys.hi - ys.lo) * i / 4;
    const std::string at = number(place_y(ys, y));
    out += "<line class='grid' x1='64' x2='628' y1='" + at + "' y2='" + at + "'/>";
    out += label(kLeft - 6, place_y(ys, y) + 4, to_text(y), "end");
    if (x_numbers) {
      const double x = xs.lo + (xs.hi - xs.lo) * i / 4;
      out += label(place_x(xs, x), kHeight - kBottom + 16, to_text(x), "middle");
    }
  }
  out += label((kLeft + kWidth) / 2, kHeight - 6, axes.x, "middle");
  out += "<text transform='translate(12 " + number((kHeight - kBottom) / 2) +
         ") rotate(-90)' text-anchor='middle'>" + escaped(axes.y) + "</text>";
  return out;
}

std::vector<Point> thinned(const std::vector<Point>& points) {
  std::vector<Point> kept;
  for (const Point& p : points) {
    if (std::isfinite(p.x) && std::isfinite(p.y)) kept.push_back(p);
  }
  if (kept.size() <= kMostPoints) return kept;
  std::vector<Point> out;
  const std::size_t stretch = kept.size() * 2 / kMostPoints + 1;
  const auto lower = [](const Point& a, const Point& b) { return a.y < b.y; };
  for (std::size_t i = 0; i < kept.size(); i += stretch) {
    const auto begin = kept.begin() + static_cast<std::ptrdiff_t>(i);
    const auto end = kept.begin() + static_cast<std::ptrdiff_t>(std::min(i + stretch, kept.size()));
    auto [low, high] = std::minmax_element(begin, end, lower);
    if (high < low) std::swap(low, high);
    out.push_back(*low);
    if (low != high) out.push_back(*high);
  }
  return out;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 && c != '\n' && c != '\t')
          out += "&#xfffd;";
        else
          out += c;
      }
    }
  }
  return out;
}

std::string line_chart(const Axes& axes, const std::vector<Series>& series,
                       const std::vector<Band>& bands) {
  Range xs, ys;
  std::vector<std::vector<Point>> lines;
  for (const Series& one : series) {
    lines.push_back(thinned(one.points));
    for (const Point& p : lines.back()) {
      xs.add(p.x);
      ys.add(p.y);
    }
  }
  if (xs.empty()) return {};
  xs.widen();
  ys.widen();
  std::string out = open_svg(axes);
  bool odd = false;
  for (const Band& band : bands) {
    const double from = place_x(xs, std::clamp(band.begin, xs.lo, xs.hi));
    const double to = place_x(xs, std::clamp(band.end, xs.lo, xs.hi));
    odd = !odd;
    out += std::string("<rect class='") + (odd ? "band" : "band2") + "' x='" + number(from) +
           "' y='12' width='" + number(to - from) + "' height='188'/>";
    if (to - from > 40) out += label((from + to) / 2, 24, band.name, "middle");
  }
  out += frame(axes, xs, ys, true);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string colour = kColours[i % std::size(kColours)];
    std::string path;
    for (const Point& p : lines[i]) {
      path +=
          (path.empty() ? "M" : "L") + number(place_x(xs, p.x)) + " " + number(place_y(ys, p.y));
    }
    out += "<path d='" + path + "' fill='none' stroke='" + colour + "' stroke-width='2'/>";
    out += "<text x='" + number(kWidth - kRight) + "' y='" +
           number(kTop + 14 * static_cast<double>(i + 1)) +
           "' text-anchor='end' style='fill:" + colour + "'>" + escaped(series[i].name) + "</text>";
  }
  return out + "</svg>";
}

std::string bar_chart(const Axes& axes, const std::vector<std::string>& labels,
                      const std::vector<double>& values, bool hatched) {
  Range ys;
  ys.add(0);
  for (const double v : values) {
    if (std::isfinite(v)) ys.add(v);
  }
  if (values.empty()) return {};
  ys.widen();
  std::string out = open_svg(axes);
  out +=
      "<defs><pattern id='hatch' width='6' height='6' patternUnits='userSpaceOnUse' "
      "patternTransform='rotate(45)'><rect width='6' height='6' fill='#0072b2'/>"
      "<line x1='0' y1='0' x2='0' y2='6' stroke='#fff' stroke-width='2'/></pattern></defs>";
  out += frame(axes, {0, 1}, ys, false);
  const double step = (kWidth - kLeft - kRight) / static_cast<double>(values.size());
  const std::size_t every = values.size() / 12 + 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    const double x = kLeft + step * static_cast<double>(i);
    const double top = place_y(ys, values[i]);
    out += "<rect x='" + number(x + step * 0.1) + "' y='" + number(top) + "' width='" +
           number(step * 0.8) + "' height='" + number(place_y(ys, 0) - top) + "' fill='" +
           (hatched ? "url(#hatch)" : "#0072b2") + "'/>";
    if (i % every == 0 && i < labels.size()) {
      out += label(x + step / 2, kHeight - kBottom + 16, labels[i], "middle");
    }
  }
  return out + "</svg>";
}

}  // namespace tenbin
