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
// One line of a chart; colours come from a palette that the colour-blind can tell apart.
struct Series {
  std::string name;
  std::vector<Point> points;
};
struct Band {  // a shaded range of x, e.g. a stage
  std::string name;
  double begin = 0, end = 0;
};

struct Axes {
  std::string title;  // alt text
  std::string x, y;   // with units
};
// Lines over common axes, drawn as SVG. Not finite points are left out; more than 1,000 points a
// line are thinned, keeping the extremes of each stretch. Empty text when nothing can be drawn.
std::string line_chart(const Axes& axes, const std::vector<Series>& series,
                       const std::vector<Band>& bands = {});
// Bars side by side, each with its label below.
std::string bar_chart(const Axes& axes, const std::vector<std::string>& labels,
                      const std::vector<double>& values, bool hatched = false);

}  // namespace tenbin
