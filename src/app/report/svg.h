// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenbin {

// Text for HTML and SVG: markup and control bytes are made harmless.
std::string escaped(std::string_view text);

struct Point {
  double x = 0, y = 0;
};
// One line of a chart; colours come from a palette that the colour-blind can tell apart, and the
// lines are also told apart by their dashes.
struct Series {
  std::string name;
  std::vector<Point> points;
  bool area = false;     // shaded down to the axis
  bool hatched = false;  // its area is: the numbers are modelled
};
struct Band {  // a shaded range of x, e.g. a stage
  std::string name;
  double begin = 0, end = 0;
};
// A dot with its label and the interval of y; `marked` is drawn full, `faint` grey.
struct Dot {
  Point at;
  std::string label;
  double lo = 0, hi = 0;  // of y; equal: none
  bool marked = false, faint = false;
};

struct Axes {
  std::string title;  // alt text: what is shown, and what it says
  std::string x, y;   // with units
  bool log_x = false;
  bool y_from_zero = false;
  bool diagonal = false;  // the line y = x
};
// Lines over common axes, drawn as SVG. Not finite points are left out; more than 1,000 points a
// line are thinned, keeping the extremes of each stretch. Empty text when nothing can be drawn.
std::string line_chart(const Axes& axes, const std::vector<Series>& series,
                       const std::vector<Band>& bands = {});
// Dots over axes; `line` joins some of them (a front, a reference).
std::string dot_chart(const Axes& axes, const std::vector<Dot>& dots,
                      const std::vector<Point>& line = {});
// Bars side by side, each from `edges[i]` to `edges[i + 1]` of a logarithmic axis.
std::string histogram_chart(const Axes& axes, const std::vector<double>& edges,
                            const std::vector<double>& counts);
// Marks on one logarithmic axis, a row each: the ladder of quantiles.
std::string ladder_chart(const Axes& axes, const std::vector<std::string>& names,
                         const std::vector<double>& values, const std::vector<std::string>& labels);

// One amount that leaves the source at the left and arrives at the right.
struct Flow {
  std::string name, label;
  double amount = 0;
};
// A Sankey of one source: ribbons as thick as their amounts.
std::string flow_chart(const std::string& title, const std::string& source,
                       const std::vector<Flow>& flows, bool hatched);

// Round numbers within lo..hi, about `count` of them; on a logarithmic axis 1, 2 and 5 a decade.
std::vector<double> round_ticks(double lo, double hi, int count);
std::vector<double> log_ticks(double lo, double hi);

}  // namespace tenbin
