// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/report/svg.h"

namespace tenbin {

// The range of an axis while points are added, and after.
struct Range {
  double lo = 1e300, hi = -1e300;
  void add(double v) {
    lo = v < lo ? v : lo;
    hi = v > hi ? v : hi;
  }
  bool empty() const { return hi < lo; }
};

// The drawing area of a chart: scales, grid, axis titles. Coordinates are those of the view box.
class Frame {
 public:
  static constexpr double kWidth = 640, kHeight = 280;
  // Ranges are widened to round numbers; `legend` leaves room above for names.
  Frame(const Axes& axes, Range xs, Range ys, bool legend);
  double x(double value) const;
  double y(double value) const;
  double left() const { return left_; }
  double right() const { return kWidth - 16; }
  double top() const { return top_; }
  double bottom() const { return kHeight - 48; }
  // The opening tag with its alt text, grid, numbers and axis titles.
  std::string open() const;

 private:
  const Axes& axes_;
  Range xs_, ys_;
  double left_ = 64, top_ = 14;
  std::vector<double> x_ticks_, y_ticks_;
  double x_step_ = 1, y_step_ = 1;
};

// A tick with as many decimals as its step needs: 0.9995 between 0.9990 and 1.0000.
std::string tick_text(double value, double step);
std::string svg_number(double v);
// `more`: further attributes, e.g. " class='b'".
std::string svg_text(double x, double y, const std::string& text, const char* anchor,
                     const std::string& more = {});
// A straight line of a style class: from (x1, y1) to (x2, y2).
struct SvgLine {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
};
std::string svg_line(const std::string& style, const SvgLine& line);
std::string svg_open(const std::string& title, double width, double height);

}  // namespace tenbin
