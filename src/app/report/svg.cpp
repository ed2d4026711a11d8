// SPDX-License-Identifier: Apache-2.0
#include "app/report/svg.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "app/report/frame.h"
#include "base/units.h"

namespace tenbin {
namespace {

constexpr std::size_t kMostPoints = 1'000;
constexpr std::size_t kColours = 5;

std::string colour(std::size_t i) { return "c" + std::to_string(i % kColours); }

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

std::string path_of(const Frame& frame, const std::vector<Point>& points) {
  std::string path;
  for (const Point& p : points) {
    path += (path.empty() ? "M" : "L") + svg_number(frame.x(p.x)) + " " + svg_number(frame.y(p.y));
  }
  return path;
}

// Names above the drawing area, each after a piece of its line.
std::string legend(const Frame& frame, const std::vector<Series>& series) {
  std::string out;
  double x = frame.left();
  for (std::size_t i = 0; i < series.size(); ++i) {
    out += "<path class='line " + colour(i) + "' d='M" + svg_number(x) + " 16h22'/>";
    out += svg_text(x + 28, 20, series[i].name, "start");
    x += 44 + 7.0 * static_cast<double>(series[i].name.size());
  }
  return out;
}

std::string bands_of(const Frame& frame, const Range& xs, const std::vector<Band>& bands) {
  std::string out;
  bool odd = false;
  for (const Band& band : bands) {
    const double from = frame.x(std::clamp(band.begin, xs.lo, xs.hi));
    const double to = frame.x(std::clamp(band.end, xs.lo, xs.hi));
    odd = !odd;
    out += std::string("<rect class='") + (odd ? "band" : "band2") + "' x='" + svg_number(from) +
           "' y='" + svg_number(frame.top()) + "' width='" + svg_number(std::max(0.0, to - from)) +
           "' height='" + svg_number(frame.bottom() - frame.top()) + "'><title>" +
           escaped(band.name) + "</title></rect>";
    if (to - from > 7.5 * static_cast<double>(band.name.size())) {
      out += svg_text((from + to) / 2, frame.top() + 13, band.name, "middle");
    }
  }
  return out;
}

struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
  bool meets(const Box& o) const {
    return left < o.right && o.left < right && top < o.bottom && o.top < bottom;
  }
};

bool drawable(const Dot& dot) { return std::isfinite(dot.at.x) && std::isfinite(dot.at.y); }

Box box_of(const Frame& frame, const Dot& dot) {
  if (!drawable(dot)) return {};
  const double x = frame.x(dot.at.x), y = frame.y(dot.at.y);
  return {x - 6, y - 6, x + 6, y + 6};
}

// Right of its dot, else below, above or left: the first place that nothing takes.
std::string label_of(const Dot& dot, double x, double y, std::vector<Box>& taken) {
  const double width = (dot.marked ? 7.6 : 7.0) * static_cast<double>(dot.label.size());
  const struct {
    double x, y;
  } places[] = {{x + 10, y + 4}, {x + 2, y + 20},         {x + 2, y - 11},
                {x + 2, y + 36}, {x - 10 - width, y + 4}, {x + 2, y + 52}};
  const auto box_at = [&](double left, double base) {
    return Box{left, base - 11, left + width, base + 3};
  };
  std::size_t best = x + 10 + width < Frame::kWidth - 4 ? 0 : 4;  // if all are taken
  for (std::size_t i = 0; i < std::size(places); ++i) {
    const Box box = box_at(places[i].x, places[i].y);
    const bool inside = box.left > 40 && box.right < Frame::kWidth - 4 && box.top > 2 &&
                        box.bottom < Frame::kHeight - 48;
    const bool free = std::none_of(taken.begin(), taken.end(),
                                   [&](const Box& other) { return box.meets(other); });
    if (!inside || !free) continue;
    best = i;
    break;
  }
  taken.push_back(box_at(places[best].x, places[best].y));
  return svg_text(places[best].x, places[best].y, dot.label, "start",
                  dot.marked ? " class='name'" : "");
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
        if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f)
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
  std::vector<Series> drawn;
  for (const Series& one : series) {
    Series kept = one;
    kept.points = thinned(one.points);
    if (kept.points.empty()) continue;
    for (const Point& p : kept.points) {
      xs.add(p.x);
      ys.add(p.y);
    }
    drawn.push_back(std::move(kept));
  }
  if (xs.empty()) return {};
  const Frame frame(axes, xs, ys, true);
  std::string out = frame.open() + bands_of(frame, xs, bands);
  if (axes.diagonal) {
    out +=
        "<path class='line faint' d='" + path_of(frame, {{xs.lo, xs.lo}, {xs.hi, xs.hi}}) + "'/>";
  }
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const std::string path = path_of(frame, drawn[i].points);
    if (drawn[i].area) {
      out += "<path class='" + std::string(drawn[i].hatched ? "hatched" : "area") + "' d='" + path +
             "V" + svg_number(frame.bottom()) + "H" +
             svg_number(frame.x(drawn[i].points.front().x)) + "Z'/>";
    }
    out += "<path class='line " + colour(i) + "' d='" + path + "'/>";
    if (drawn[i].points.size() == 1) {
      out += "<circle class='dot " + colour(i) + "' cx='" +
             svg_number(frame.x(drawn[i].points[0].x)) + "' cy='" +
             svg_number(frame.y(drawn[i].points[0].y)) + "' r='4'/>";
    }
  }
  return out + legend(frame, drawn) + "</svg>";
}

namespace {

const char* colour_of(const Dot& dot) { return dot.marked ? "c1" : dot.faint ? "grey" : "c0"; }

// Thousands of dots, told in few bytes: strokes of no length with round ends, a group a colour.
std::string small_dots(const Frame& frame, const std::vector<Dot>& dots) {
  std::map<std::string, std::string> groups;
  for (const Dot& dot : dots) {
    if (!drawable(dot)) continue;
    groups[colour_of(dot)] += "<path d='M" + svg_number(frame.x(dot.at.x)) + " " +
                              svg_number(frame.y(dot.at.y)) + "h0'/>";
  }
  std::string out;
  for (const auto& [colour, paths] : groups) {
    out += "<g class='see " + colour + "'>" + paths + "</g>";
  }
  return out;
}

}  // namespace

std::string dot_chart(const Axes& axes, const std::vector<Dot>& dots,
                      const std::vector<Point>& line) {
  Range xs, ys;
  for (const Dot& dot : dots) {
    if (!drawable(dot)) continue;
    xs.add(dot.at.x);
    ys.add(dot.at.y);
    if (dot.hi > dot.lo) {
      ys.add(dot.lo);
      ys.add(dot.hi);
    }
  }
  if (xs.empty()) return {};
  if (axes.diagonal) {
    const Range both{std::min(xs.lo, ys.lo), std::max(xs.hi, ys.hi)};
    xs = ys = both;
  } else {  // labels stand right of their dots
    const bool labels =
        std::any_of(dots.begin(), dots.end(), [](const Dot& dot) { return !dot.label.empty(); });
    const double room = xs.hi > xs.lo ? (xs.hi - xs.lo) : std::max(std::fabs(xs.hi), 1.0);
    xs.hi += room * (labels ? 0.28 : 0.04);
    xs.lo -= room * 0.04;
    const double space = ys.hi > ys.lo ? (ys.hi - ys.lo) : std::max(std::fabs(ys.hi), 1.0);
    ys.hi += space * 0.1;
    ys.lo -= space * 0.1;
  }
  const Frame frame(axes, xs, ys, false);
  std::string out = frame.open();
  if (axes.diagonal) {
    out +=
        "<path class='line faint' d='" + path_of(frame, {{xs.lo, xs.lo}, {xs.hi, xs.hi}}) + "'/>";
  }
  if (line.size() > 1) out += "<path class='line c0 thin' d='" + path_of(frame, line) + "'/>";
  std::vector<Box> taken;
  taken.reserve(dots.size());
  for (const Dot& dot : dots) taken.push_back(box_of(frame, dot));
  const bool small = dots.size() > 100;
  if (small) out += small_dots(frame, dots);
  for (const Dot& dot : dots) {
    if (!drawable(dot)) continue;
    const double x = frame.x(dot.at.x), y = frame.y(dot.at.y);
    if (dot.hi > dot.lo) {
      out += svg_line("axis", {x, frame.y(dot.lo), x, frame.y(dot.hi)});
    }
    if (!small) {
      out += "<circle class='dot " + std::string(colour_of(dot)) + "' cx='" + svg_number(x) +
             "' cy='" + svg_number(y) + "' r='" + (dot.marked ? "6" : "4.5") + "'/>";
    }
    if (!dot.label.empty()) out += label_of(dot, x, y, taken);
  }
  return out + "</svg>";
}

std::string histogram_chart(const Axes& axes, const std::vector<double>& edges,
                            const std::vector<double>& counts) {
  if (counts.empty() || edges.size() != counts.size() + 1) return {};
  Range xs, ys;
  for (const double edge : edges) xs.add(edge);
  for (const double count : counts) ys.add(count);
  ys.add(0);
  const Frame frame(axes, xs, ys, false);
  std::string out = frame.open();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double from = frame.x(edges[i]), to = frame.x(edges[i + 1]), y = frame.y(counts[i]);
    if (counts[i] <= 0) continue;
    out += "<rect class='fill c0' x='" + svg_number(from + 0.5) + "' y='" +
           svg_number(std::min(y, frame.bottom() - 1)) + "' width='" +
           svg_number(std::max(1.0, to - from - 1)) + "' height='" +
           svg_number(std::max(1.0, frame.bottom() - y)) + "'/>";
  }
  return out + "</svg>";
}

std::string ladder_chart(const Axes& axes, const std::vector<std::string>& names,
                         const std::vector<double>& values,
                         const std::vector<std::string>& labels) {
  if (values.empty()) return {};
  constexpr double kRow = 26, kLeft = 64, kRight = 540;
  const double height = 62 + kRow * static_cast<double>(values.size());
  Range xs;
  for (const double v : values) xs.add(v);
  const double lo = xs.lo * 0.8, hi = std::max(xs.hi * 1.25, xs.lo * 2);
  const auto x = [&](double v) {
    return kLeft + std::log(v / lo) / std::log(hi / lo) * (kRight - kLeft);
  };
  std::string out = svg_open(axes.title, Frame::kWidth, height);
  for (const double tick : log_ticks(lo, hi)) {
    out += svg_line("grid", {x(tick), 8, x(tick), height - 44}) +
           svg_text(x(tick), height - 30, to_text(seconds(tick)), "middle");
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double y = 22 + kRow * static_cast<double>(i);
    out += svg_text(kLeft - 10, y + 4, names[i], "end");
    out += "<path class='line c0' d='M" + svg_number(kLeft) + " " + svg_number(y) + "H" +
           svg_number(x(values[i])) + "'/>";
    out += "<circle class='dot c0' cx='" + svg_number(x(values[i])) + "' cy='" + svg_number(y) +
           "' r='5'/>" + svg_text(x(values[i]) + 10, y + 4, labels[i], "start", " class='name'");
  }
  return out + svg_text((kLeft + kRight) / 2, height - 8, axes.x, "middle", " class='name'") +
         "</svg>";
}

std::string flow_chart(const std::string& title, const std::string& source,
                       const std::vector<Flow>& flows, bool hatched) {
  double total = 0;
  std::size_t shown = 0;
  for (const Flow& flow : flows) {
    if (!(flow.amount > 0)) continue;
    total += flow.amount;
    ++shown;
  }
  if (shown == 0) return {};
  constexpr double kLeft = 130, kRight = 430, kBar = 14, kThick = 150, kGap = 24, kTop = 16;
  const double height = kTop * 2 + kThick + kGap * static_cast<double>(shown - 1);
  const double middle = (height - kThick) / 2;
  std::string out = svg_open(title, Frame::kWidth, height);
  out += "<rect class='fill c0' x='" + svg_number(kLeft - kBar) + "' y='" + svg_number(middle) +
         "' width='14' height='150'/>" +
         svg_text(kLeft - kBar - 8, middle + kThick / 2 + 4, source, "end", " class='name'");
  double from = middle, to = kTop;
  for (const Flow& flow : flows) {
    if (!(flow.amount > 0)) continue;
    const double thick = kThick * flow.amount / total;
    const double bend = (kLeft + kRight) / 2;
    const auto n = svg_number;
    out += "<path class='" + std::string(hatched ? "hatched" : "area") + "' d='M" + n(kLeft) + " " +
           n(from) + "C" + n(bend) + " " + n(from) + " " + n(bend) + " " + n(to) + " " + n(kRight) +
           " " + n(to) + "V" + n(to + thick) + "C" + n(bend) + " " + n(to + thick) + " " + n(bend) +
           " " + n(from + thick) + " " + n(kLeft) + " " + n(from + thick) + "Z'/>";
    out += "<rect class='fill c0' x='" + n(kRight) + "' y='" + n(to) + "' width='6' height='" +
           n(std::max(1.0, thick)) + "'/>";
    out += svg_text(kRight + 14, to + thick / 2 + 4, flow.name + "  " + flow.label, "start");
    from += thick;
    to += thick + kGap;
  }
  return out + "</svg>";
}

}  // namespace tenbin
