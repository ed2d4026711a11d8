// SPDX-License-Identifier: Apache-2.0
#include "app/report/graph_chart.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "app/report/frame.h"
#include "app/report/html.h"

namespace tenbin {
namespace {

constexpr double kBoxWidth = 168, kBoxHeight = 38, kGapX = 22, kGapY = 26, kBendWidth = 18;
constexpr double kTop = 64, kMargin = 14;
constexpr std::size_t kMostBends = 20'000;  // beyond, long lines run straight
constexpr int kSweeps = 6;

// Boxes, and the bends of long lines between them, sorted into rows.
struct Place {
  std::size_t layer = 0;
  bool bend = false;
  std::vector<std::size_t> up, down;
  double x = 0;
};

// The first box that a box may not lie above: rows by the longest path to each.
std::vector<std::size_t> layers_of(const std::vector<GraphNode>& nodes) {
  std::vector<std::size_t> layer(nodes.size(), 0);
  // Inputs mostly come before; a few passes settle the rest, and a cycle cannot hang it.
  bool moved = true;
  for (std::size_t pass = 0; moved && pass <= nodes.size(); ++pass) {
    moved = false;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      for (const std::size_t from : nodes[i].from) {
        if (from >= nodes.size() || from == i || layer[i] > layer[from]) continue;
        if (layer[from] + 1 > nodes.size()) continue;
        layer[i] = layer[from] + 1;
        moved = true;
      }
    }
  }
  return layer;
}

class Layout {
 public:
  explicit Layout(const std::vector<GraphNode>& nodes) : layers_(layers_of(nodes)) {
    for (const std::size_t layer : layers_) places_.push_back({layer, false, {}, {}, 0});
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      for (const std::size_t from : nodes[i].from) {
        if (from < nodes.size() && layers_[from] < layers_[i]) link(from, i);
      }
    }
    for (std::size_t i = 0; i < places_.size(); ++i) {
      rows_.resize(std::max(rows_.size(), places_[i].layer + 1));
      rows_[places_[i].layer].push_back(i);
    }
    for (int sweep = 0; sweep < kSweeps; ++sweep) order(sweep % 2 == 0);
    for (auto& row : rows_) spread(row);
    for (int sweep = 0; sweep < kSweeps; ++sweep) align(sweep % 2 == 0);
    double left = 0, right = 0;
    for (const Place& place : places_) {
      left = std::min(left, place.x - kBoxWidth / 2);
      right = std::max(right, place.x + kBoxWidth / 2);
    }
    for (Place& place : places_) place.x += kMargin - left;
    width = right - left + 2 * kMargin;
    height = kTop + static_cast<double>(rows_.size()) * (kBoxHeight + kGapY) + kMargin;
  }

  double x(std::size_t i) const { return places_[i].x; }
  double y(std::size_t i) const {
    return kTop + static_cast<double>(places_[i].layer) * (kBoxHeight + kGapY) + kBoxHeight / 2;
  }
  const std::vector<std::size_t>& layers() const { return layers_; }
  // The line from a box down to box `to`, through its bends: places in order, both ends included.
  const std::vector<std::vector<std::size_t>>& lines() const { return lines_; }
  bool bends(std::size_t i) const { return places_[i].bend; }
  double width = 0, height = 0;

 private:
  void link(std::size_t from, std::size_t to) {
    std::vector<std::size_t> line = {from};
    const std::size_t between = layers_[to] - layers_[from] - 1;
    if (bends_ + between <= kMostBends) {
      bends_ += between;
      for (std::size_t l = layers_[from] + 1; l < layers_[to]; ++l) {
        line.push_back(places_.size());
        places_.push_back({l, true, {}, {}, 0});
      }
    }
    line.push_back(to);
    for (std::size_t k = 1; k < line.size(); ++k) {
      places_[line[k]].up.push_back(line[k - 1]);
      places_[line[k - 1]].down.push_back(line[k]);
    }
    lines_.push_back(std::move(line));
  }

  // Orders each row by the mean place of what it hangs on.
  void order(bool downwards) {
    std::vector<double> at(places_.size(), 0);
    const auto number = [&](const std::vector<std::size_t>& row) {
      for (std::size_t k = 0; k < row.size(); ++k) at[row[k]] = static_cast<double>(k);
    };
    for (const auto& row : rows_) number(row);
    for (std::size_t k = 0; k < rows_.size(); ++k) {
      auto& row = rows_[downwards ? k : rows_.size() - 1 - k];
      std::vector<std::pair<double, std::size_t>> keyed;
      for (const std::size_t i : row) {
        const auto& others = downwards ? places_[i].up : places_[i].down;
        double sum = 0;
        for (const std::size_t other : others) sum += at[other];
        keyed.emplace_back(others.empty() ? at[i] : sum / static_cast<double>(others.size()), i);
      }
      std::stable_sort(keyed.begin(), keyed.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; });
      for (std::size_t j = 0; j < row.size(); ++j) row[j] = keyed[j].second;
      number(row);
    }
  }

  double half(std::size_t i) const { return (places_[i].bend ? kBendWidth : kBoxWidth) / 2; }

  // Side by side around the middle.
  void spread(const std::vector<std::size_t>& row) {
    double x = 0;
    for (const std::size_t i : row) {
      places_[i].x = x + half(i);
      x += 2 * half(i) + kGapX;
    }
    for (const std::size_t i : row) places_[i].x -= x / 2;
  }

  // Moves places towards what they hang on, without changing their order or letting them touch.
  void align(bool downwards) {
    for (std::size_t k = 0; k < rows_.size(); ++k) {
      const auto& row = rows_[downwards ? k : rows_.size() - 1 - k];
      std::vector<double> wish;
      for (const std::size_t i : row) {
        const auto& others = downwards ? places_[i].up : places_[i].down;
        double sum = 0;
        for (const std::size_t other : others) sum += places_[other].x;
        wish.push_back(others.empty() ? places_[i].x : sum / static_cast<double>(others.size()));
      }
      settle(row, wish);
    }
  }
  // Left to right and right to left each give places without overlap; their mean is one too.
  void settle(const std::vector<std::size_t>& row, const std::vector<double>& wish) {
    std::vector<double> left = wish, right = wish;
    for (std::size_t j = 1; j < row.size(); ++j) {
      const double apart = half(row[j - 1]) + half(row[j]) + kGapX;
      left[j] = std::max(left[j], left[j - 1] + apart);
    }
    for (std::size_t j = row.size(); j-- > 1;) {
      const double apart = half(row[j - 1]) + half(row[j]) + kGapX;
      right[j - 1] = std::min(right[j - 1], right[j] - apart);
    }
    for (std::size_t j = 0; j < row.size(); ++j) places_[row[j]].x = (left[j] + right[j]) / 2;
  }

  std::vector<std::size_t> layers_;
  std::vector<Place> places_;
  std::vector<std::vector<std::size_t>> rows_, lines_;
  std::size_t bends_ = 0;
};

struct Heat {
  double from;  // share
  const char* opacity;
  const char* name;
};
constexpr Heat kHeat[] = {{0, "0.06", "below 1 %"},
                          {0.01, "0.2", "1 to 3 %"},
                          {0.03, "0.38", "3 to 10 %"},
                          {0.1, "0.58", "10 to 25 %"},
                          {0.25, "0.85", "25 % and more"}};

const Heat& heat_of(double share) {
  const Heat* out = kHeat;
  for (const Heat& heat : kHeat) {
    if (share >= heat.from) out = &heat;
  }
  return *out;
}

std::string box(double x, double y, double width, double height, const Heat& heat, bool dashed) {
  return "<rect x='" + svg_number(x) + "' y='" + svg_number(y) + "' width='" + svg_number(width) +
         "' height='" + svg_number(height) +
         "' rx='5' style='fill:var(--c1);fill-opacity:" + heat.opacity + ";stroke:var(--soft)" +
         (dashed ? ";stroke-dasharray:3 3" : "") + "'/>";
}

std::string legend(double width) {
  std::string out = svg_text(kMargin, 20, "share of the time", "start", " class='name'");
  double x = kMargin, y = 30;
  for (const Heat& heat : kHeat) {
    if (x + 110 > width) {
      x = kMargin;
      y += 18;
    }
    out += box(x, y, 22, 13, heat, false) + svg_text(x + 28, y + 11, heat.name, "start");
    x += 122;
  }
  return out;
}

// What fits into a box; the rest is in its tip.
std::string shortened(const std::string& text, std::size_t most) {
  std::size_t columns = 0, at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) continue;
    if (columns++ == most - 1 && text.size() - at > 1) return text.substr(0, at) + "\xe2\x80\xa6";
  }
  return text;
}

std::string line_of(const Layout& layout, const std::vector<std::size_t>& line) {
  std::string path;
  for (std::size_t k = 0; k + 1 < line.size(); ++k) {
    const std::size_t a = line[k], b = line[k + 1];
    const double begin = layout.y(a) + (layout.bends(a) ? 0 : kBoxHeight / 2);
    const double end = layout.y(b) - (layout.bends(b) ? 0 : kBoxHeight / 2);
    const double middle = (begin + end) / 2;
    if (path.empty()) path = "M" + svg_number(layout.x(a)) + " " + svg_number(begin);
    path += "C" + svg_number(layout.x(a)) + " " + svg_number(middle) + " " +
            svg_number(layout.x(b)) + " " + svg_number(middle) + " " + svg_number(layout.x(b)) +
            " " + svg_number(end);
  }
  return "<path d='" + path + "' style='fill:none;stroke:var(--soft);stroke-width:1.1'/>";
}

}  // namespace

GraphLayout layered_layout(const std::vector<GraphNode>& nodes) {
  GraphLayout out;
  if (nodes.empty()) return out;
  const Layout layout(nodes);
  out.layer = layout.layers();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    out.x.push_back(layout.x(i));
    out.y.push_back(layout.y(i));
  }
  out.width = layout.width;
  out.height = layout.height;
  return out;
}

std::string graph_chart(const std::string& title, const std::vector<GraphNode>& nodes) {
  if (nodes.empty()) return {};
  const Layout layout(nodes);
  const double width = std::max(layout.width, 320.0);
  std::string out = svg_open(title, width, layout.height);
  // In its own size: a wide graph scrolls instead of shrinking until nobody can read it.
  out.insert(4, " style='width:" + svg_number(width) + "px;max-width:none'");
  out += legend(width);
  for (const auto& line : layout.lines()) out += line_of(layout, line);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const double x = layout.x(i), y = layout.y(i);
    out += "<g><title>" + escaped(nodes[i].tip) + "</title>" +
           box(x - kBoxWidth / 2, y - kBoxHeight / 2, kBoxWidth, kBoxHeight,
               heat_of(nodes[i].share), nodes[i].dashed) +
           svg_text(x, y - 4, shortened(nodes[i].title, 24), "middle", " class='name'") +
           svg_text(x, y + 12, shortened(nodes[i].detail, 26), "middle") + "</g>";
  }
  return out + "</svg>";
}

}  // namespace tenbin
