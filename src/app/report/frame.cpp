// SPDX-License-Identifier: Apache-2.0
#include "app/report/frame.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/units.h"

namespace tenbin {

std::string svg_number(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", v);
  return text;
}

std::string tick_text(double value, double step) {
  const double largest = std::max(std::fabs(value), step);
  if (largest >= 1e6 || largest < 1e-3) return to_text(value);
  const int decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string svg_text(double x, double y, const std::string& text, const char* anchor,
                     const std::string& more) {
  return "<text x='" + svg_number(x) + "' y='" + svg_number(y) + "' text-anchor='" + anchor + "'" +
         more + ">" + escaped(text) + "</text>";
}

std::string svg_line(const std::string& style, const SvgLine& line) {
  return "<line class='" + style + "' x1='" + svg_number(line.x1) + "' x2='" + svg_number(line.x2) +
         "' y1='" + svg_number(line.y1) + "' y2='" + svg_number(line.y2) + "'/>";
}

std::string svg_open(const std::string& title, double width, double height) {
  return "<svg viewBox='0 0 " + svg_number(width) + " " + svg_number(height) +
         "' role='img' aria-label='" + escaped(title) + "'><title>" + escaped(title) + "</title>";
}

std::vector<double> round_ticks(double lo, double hi, int count) {
  if (!(hi > lo) || count < 1) return {lo};
  const double rough = (hi - lo) / count;
  const double decade = std::pow(10, std::floor(std::log10(rough)));
  double step = decade;
  for (const double times : {1.0, 2.0, 5.0, 10.0}) {
    step = times * decade;
    if (step >= rough * 0.999) break;
  }
  std::vector<double> out;
  const double first = std::ceil(lo / step - 1e-9);
  for (int i = 0; (first + i) * step <= hi + step * 1e-9; ++i) {
    out.push_back(first + i == 0 ? 0 : (first + i) * step);
  }
  return out;
}

std::vector<double> log_ticks(double lo, double hi) {
  std::vector<double> out;
  const bool few = std::log10(hi / lo) < 2.2;
  for (int d = static_cast<int>(std::floor(std::log10(lo))); std::pow(10, d) <= hi * 1.0001; ++d) {
    for (const double times : {1.0, 2.0, 5.0}) {
      const double v = times * std::pow(10, d);
      if ((times == 1 || few) && v >= lo * 0.9999 && v <= hi * 1.0001) out.push_back(v);
    }
  }
  return out;
}

Frame::Frame(const Axes& axes, Range xs, Range ys, bool legend) : axes_(axes), xs_(xs), ys_(ys) {
  if (axes.y_from_zero) ys_.add(0);
  const auto widen = [](Range& range) {
    if (range.hi - range.lo > 1e-12 * std::max(1.0, std::fabs(range.hi))) return;
    const double by = range.hi == 0 ? 0.5 : std::fabs(range.hi) * 0.1;
    range.lo -= by;
    range.hi += by;
  };
  if (axes.log_x) {
    xs_.lo *= 0.999;
    xs_.hi *= 1.001;
    x_ticks_ = log_ticks(xs_.lo, xs_.hi);
  } else {
    widen(xs_);
    x_ticks_ = round_ticks(xs_.lo, xs_.hi, 7);
  }
  widen(ys_);
  y_ticks_ = round_ticks(ys_.lo, ys_.hi, 5);
  if (legend) top_ = 34;
  const auto step_of = [](const std::vector<double>& ticks) {
    return ticks.size() > 1 ? ticks[1] - ticks[0] : 1;
  };
  x_step_ = step_of(x_ticks_);
  y_step_ = step_of(y_ticks_);
  std::size_t longest = 0;
  for (const double tick : y_ticks_) longest = std::max(longest, tick_text(tick, y_step_).size());
  left_ = 34 + 7.2 * static_cast<double>(longest);
}

double Frame::x(double value) const {
  const double share = axes_.log_x ? std::log(value / xs_.lo) / std::log(xs_.hi / xs_.lo)
                                   : (value - xs_.lo) / (xs_.hi - xs_.lo);
  return left_ + share * (right() - left_);
}

double Frame::y(double value) const {
  return bottom() - (value - ys_.lo) / (ys_.hi - ys_.lo) * (bottom() - top());
}

std::string Frame::open() const {
  std::string out = svg_open(axes_.title, kWidth, kHeight);
  for (const double tick : y_ticks_) {
    out += svg_line("grid", {left_, y(tick), right(), y(tick)});
    out += svg_text(left_ - 7, y(tick) + 4, tick_text(tick, y_step_), "end");
  }
  for (const double tick : x_ticks_) {
    out += svg_line("axis", {x(tick), bottom(), x(tick), bottom() + 4});
    out += svg_text(x(tick), bottom() + 18,
                    axes_.log_x ? to_text(seconds(tick)) : tick_text(tick, x_step_), "middle");
  }
  out += svg_line("axis", {left_, bottom(), right(), bottom()});
  out += svg_text((left_ + right()) / 2, kHeight - 8, axes_.x, "middle", " class='name'");
  out += "<text class='name' transform='translate(14 " + svg_number((top() + bottom()) / 2) +
         ") rotate(-90)' text-anchor='middle'>" + escaped(axes_.y) + "</text>";
  return out;
}

}  // namespace tenbin
