// SPDX-License-Identifier: Apache-2.0
// What was tried, and what could have been.
#include <algorithm>

#include "app/report/html.h"
#include "app/report/svg.h"

namespace tenbin {
namespace {

// As much of a name as a picture has room for; the table beside it has all.
std::string short_name(const std::string& name) {
  constexpr std::size_t kMost = 26;
  return name.size() <= kMost ? name : name.substr(0, kMost - 2) + "..";
}

// The candidates no other one beats in both score and joules, by rising joules.
std::vector<Point> front_of(std::vector<Point> points) {
  std::sort(points.begin(), points.end(),
            [](const Point& a, const Point& b) { return a.x < b.x || (a.x == b.x && a.y > b.y); });
  std::vector<Point> front;
  for (const Point& p : points) {
    if (front.empty() || p.y > front.back().y) front.push_back(p);
  }
  return front;
}

// Nothing is drawn or written as a number that is not known.
std::string tried_figure(const Json& fit) {
  std::vector<HtmlRow> rows;
  std::vector<Dot> dots;
  std::vector<Point> points;
  std::string score = "score";
  for (const Json& c : fit["candidates"].items()) {
    score = text_of(c["score_name"]);
    const bool chosen = c["chosen"].as_bool(), scored = c["valid_score"].is_number();
    rows.push_back({text_of(c["name"]) + (chosen ? " (chosen)" : ""),
                    scored ? fixed_text(c["valid_score"].as_number(), 4) : "unknown",
                    text_of(c["epochs"]), to_text(seconds(c["seconds"].as_number())),
                    joules_of(c["joules"]), text_of(c["why"])});
    if (!scored) continue;
    points.push_back({c["joules"].as_number(), c["valid_score"].as_number()});
    dots.push_back({points.back(), short_name(text_of(c["name"])) + (chosen ? " (chosen)" : ""), 0,
                    0, chosen});
  }
  const std::vector<Point> front = front_of(points);
  for (Dot& dot : dots) {
    const bool best = std::any_of(front.begin(), front.end(), [&](const Point& p) {
      return p.x == dot.at.x && p.y == dot.at.y;
    });
    dot.faint = !best && !dot.marked;
  }
  const std::string provenance = text_of(fit["total"]["provenance"]);
  const Axes axes{
      "Pareto picture: validation " + score + " against training energy of each candidate",
      "training energy [J, " + provenance + "]", "validation " + score};
  return html_figure(
      dot_chart(axes, dots, front),
      "Pareto picture of what was tried: validation " + score + " against training energy (" +
          provenance +
          "). The line joins candidates that none beats in both; grey ones are beaten.",
      {{"candidate", "validation " + score, "epochs", "time", "energy, " + provenance, "why"},
       rows});
}

// What is measured of a network before it is trained, where one is chosen then.
struct MeasuredColumn {
  const char *key, *head;
};
constexpr MeasuredColumn kMeasured[] = {
    {"p50", "latency p50"}, {"p99", "latency p99"}, {"epoch_seconds", "an epoch"}};

// Those that at least one network has: a column without a number says nothing.
std::vector<MeasuredColumn> measured_columns(const Json& networks) {
  std::vector<MeasuredColumn> out;
  for (const MeasuredColumn& column : kMeasured) {
    const auto& all = networks.items();
    const bool known = std::any_of(all.begin(), all.end(),
                                   [&](const Json& n) { return n[column.key].is_number(); });
    if (known) out.push_back(column);
  }
  return out;
}

// Latency against work of every network that could have been trained: what an accuracy that is not
// known would have cost.
std::string networks_figure(const Json& fit) {
  std::vector<HtmlRow> rows;
  std::vector<Dot> dots;
  std::vector<Point> points;
  std::string score = "score";
  for (const Json& c : fit["candidates"].items()) score = text_of(c["score_name"]);
  const std::vector<MeasuredColumn> measured = measured_columns(fit["networks"]);
  for (const Json& n : fit["networks"].items()) {
    const bool chosen = n["chosen"].as_bool(), scored = n["valid_score"].is_number();
    const std::string accuracy = scored ? fixed_text(n["valid_score"].as_number(), 4)
                                 : n["trained"].as_bool() ? "unknown: stopped before it was scored"
                                                          : "unknown: not trained";
    rows.push_back({text_of(n["name"]) + (chosen ? " (chosen)" : ""), accuracy});
    for (const MeasuredColumn& column : measured) {
      rows.back().push_back(time_of(n[column.key], {}));
    }
    rows.back().insert(rows.back().end(),
                       {to_text(Bytes{n["size_bytes"].as_integer()}),
                        to_text(Macs{n["macs"].as_integer()}), text_of(n["parameters"])});
    if (!n["p50"].is_number()) continue;
    points.push_back({n["p50"].as_number() * 1e6, n["macs"].as_number() / 1e6});
    dots.push_back({points.back(),
                    short_name(text_of(n["name"])) + (scored ? ", " + accuracy : ", not trained"),
                    0, 0, chosen, !n["trained"].as_bool()});
  }
  if (rows.empty()) return {};
  HtmlRow head = {"network", "validation " + score};
  for (const MeasuredColumn& column : measured) head.emplace_back(column.head);
  head.insert(head.end(), {"weights", "MACs", "parameters"});
  const HtmlTable numbers{head, rows};
  if (points.empty()) {
    return "<h3>Networks</h3><p>Counted, not measured: latency and the time of an epoch are "
           "measured beforehand where one network is chosen before training, of images.</p>" +
           html_table(numbers.head, numbers.rows);
  }
  const Axes axes{"Networks that could be trained: work against latency of one row",
                  "latency p50 [us], one row, one thread", "work [million MACs a row]"};
  return html_figure(
      dot_chart(axes, dots, front_of(points)),
      "Networks that could be trained: work against latency, measured before training. Grey ones "
      "were not trained, so their accuracy is not known; more work usually means more of it.",
      numbers);
}

}  // namespace

std::string report_candidates(const Json& fit) { return tried_figure(fit) + networks_figure(fit); }

}  // namespace tenbin
