// SPDX-License-Identifier: Apache-2.0
#include "app/report/html.h"
#include "app/report/svg.h"

namespace tenbin {
namespace {

std::string power_figure(const Json& fit, const std::string& provenance, bool hatched) {
  Series watts{"power, " + provenance, {}, true, hatched};
  std::vector<HtmlRow> rows;
  const auto& points = fit["power"].items();
  const std::size_t every = points.size() / 200 + 1;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Json& p = points[i];
    // Mean power until the next point: steps, so that the area is the energy.
    const double until = i + 1 < points.size() ? points[i + 1]["t"].as_number()
                                               : fit["total"]["seconds"].as_number();
    watts.points.push_back({p["t"].as_number(), p["watts"].as_number()});
    if (until > p["t"].as_number()) watts.points.push_back({until, p["watts"].as_number()});
    if (i % every == 0) {
      rows.push_back({to_text(p["t"].as_number(), 4), to_text(p["watts"].as_number())});
    }
  }
  std::vector<Band> bands;
  for (const Json& s : fit["stages"].items()) {
    if (s["name"].as_string() == "unattributed") continue;
    bands.push_back({text_of(s["name"]), s["begin"].as_number(), s["end"].as_number()});
  }
  const std::string total = joules_of(fit["total"]["joules"]);
  Axes axes{"Power over time, stages shaded; the area is " + total, "time [s]",
            "power [W, " + provenance + "]"};
  axes.y_from_zero = true;
  return html_figure(line_chart(axes, {watts}, bands),
                     "Power over time (" + provenance +
                         "), stages shaded. The area under the line "
                         "is the energy of the run, " +
                         total + ".",
                     {{"time [s]", "power [W]"}, rows, 0});
}

}  // namespace

std::string report_costs(const Json& fit) {
  const std::string provenance = text_of(fit["total"]["provenance"]);
  const bool hatched = provenance != "measured";
  const Currency currency = currency_of(fit["money"]);
  std::vector<Flow> flows;
  std::vector<HtmlRow> rows, parts;
  const auto row = [&](const Json& of, const std::string& name, const std::string& share) {
    rows.push_back({name, time_of(of["seconds"], {}), time_of(of["cpu_seconds"], {}),
                    joules_of(of["joules"]), joules_of(of["lo"]) + " to " + joules_of(of["hi"]),
                    share,
                    of["money"].is_number() ? money_text(of["money"].as_number(), currency)
                                            : std::string("unknown")});
  };
  for (const Json& s : fit["stages"].items()) {
    const std::string share = fixed_text(100 * s["share"].as_number(), 1) + "%";
    const std::string amount = joules_of(s["joules"]);
    flows.push_back({text_of(s["name"]), std::string(amount).append(", ").append(share),
                     s["joules"].as_number()});
    parts.push_back({text_of(s["name"]), amount, share});
    row(s, text_of(s["name"]), share);
  }
  row(fit["total"], "total", "100.0%");
  const std::string total = joules_of(fit["total"]["joules"]);
  const std::string table = html_table(
      {"stage", "time", "CPU time", "energy, " + provenance, "95% interval", "share", "money"},
      rows, 1);
  std::string out = power_figure(fit, provenance, hatched);
  out += html_figure(
      flow_chart("Flow of energy by stage, " + total + " " + provenance, total, flows, hatched),
      "Flow of energy from its source to the stages of the run (" + provenance +
          (hatched ? ", so hatched)." : ")."),
      {{"stage", "energy, " + provenance, "share"}, parts, 1});
  return out + table;
}

}  // namespace tenbin
