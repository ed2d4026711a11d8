// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "app/report/html.h"
#include "app/report/svg.h"

namespace tenbin {
namespace {

std::string tile(const std::string& name, const std::string& value, const std::string& more) {
  return "<div class='tile'><span>" + escaped(name) + "</span><b" +
         (value.size() > 12 ? " class='long'>" : ">") + escaped(value) + "</b><span>" +
         escaped(more) + "</span></div>";
}

std::string tiles(const Json& fit) {
  std::string out = "<div class='tiles'>";
  if (!fit["scores"].items().empty()) {
    const Json& first = fit["scores"].items().front();
    const std::string interval = first["lo"].is_number()
                                     ? "95%: " + fixed_text(first["lo"].as_number(), 4) + " to " +
                                           fixed_text(first["hi"].as_number(), 4)
                                     : "";
    out += tile(text_of(first["name"]) + ", test", fixed_text(first["value"].as_number(), 4),
                interval);
  }
  const Json& one = fit["latency"]["batch_1"];
  if (one["p99"].is_number()) {
    out += tile("latency p99", time_of(one["p99"], {}), "p50 " + time_of(one["p50"], {}));
  }
  const Json& model = fit["model"];
  if (model["size_bytes"].is_number()) {
    out += tile("model", to_text(Bytes{model["size_bytes"].as_integer()}), text_of(model["name"]));
  }
  const Json& energy = fit["energy"]["training"];
  if (energy["value"].is_number()) {
    out += tile("training energy", joules_of(energy["value"]), text_of(energy["provenance"]));
    out += tile("training cost",
                money_text(fit["money"]["training"].as_number(), currency_of(fit["money"])),
                time_of(fit["total"]["seconds"], {}) + " in all");
  }
  return out + "</div>";
}

std::vector<HtmlRow> figures(const Json& fit) {
  std::vector<HtmlRow> rows;
  for (const Json& s : fit["scores"].items()) rows.push_back({text_of(s["name"]), score_of(s)});
  const Json& one = fit["latency"]["batch_1"];
  const Json& wide = fit["latency"]["throughput"];
  const Json& model = fit["model"];
  const Json& money = fit["money"];
  rows.push_back({"latency p50, batch 1", time_of(one["p50"], one["reason"])});
  rows.push_back({"latency p99, batch 1", time_of(one["p99"], one["reason"])});
  rows.push_back({"throughput, batch " + text_of(wide["batch"]),
                  wide["rows_per_second"].is_number()
                      ? short_count(wide["rows_per_second"].as_number()) + " rows/s"
                      : "unknown"});
  rows.push_back({"model", text_of(model["name"])});
  rows.push_back({"size", model["size_bytes"].is_number()
                              ? to_text(Bytes{model["size_bytes"].as_integer()})
                              : "unknown"});
  rows.push_back({"MACs", model["macs"].is_number() && model["macs"].as_integer() > 0
                              ? to_text(Macs{model["macs"].as_integer()})
                          : model["tree_nodes"].is_number()
                              ? "none: trees compare, they do not multiply"
                              : "unknown"});
  if (model["tree_nodes"].is_number()) rows.push_back({"tree nodes", text_of(model["tree_nodes"])});
  rows.push_back({"parameters", text_of(model["parameters"])});
  if (model["macs_per_parameter"].is_number()) {
    rows.push_back({"MACs/parameter", text_of(model["macs_per_parameter"], 3)});
  }
  if (model["activation_bytes"].is_number()) {
    rows.push_back(
        {"activations of a row", to_text(Bytes{model["activation_bytes"].as_integer()})});
    rows.push_back(
        {"... held at once", to_text(Bytes{model["peak_activation_bytes"].as_integer()})});
  }
  rows.push_back({"energy, training", energy_of(fit["energy"]["training"])});
  rows.push_back({"energy, 1,000 predictions", energy_of(fit["energy"]["per_1000_predictions"])});
  for (const char* key : {"training", "per_1000_predictions"}) {
    rows.push_back({std::string("money, ") + (*key == 't' ? "training" : "1,000 predictions"),
                    money[key].is_number() ? money_text(money[key].as_number(), currency_of(money))
                                           : "unknown"});
  }
  return rows;
}

std::string limits(const Json& fit) {
  if (fit["limits"].items().empty()) return html_paragraph("No limits were set.");
  std::string out =
      "<table><thead><tr><th>limit</th><th>allowed</th><th>reached</th><th></th></tr></thead>"
      "<tbody>";
  for (const Json& l : fit["limits"].items()) {
    const bool holds = l["holds"].as_bool();
    out += "<tr><td>" + escaped(text_of(l["name"])) + "</td><td>" + escaped(text_of(l["limit"])) +
           "</td><td>" + escaped(text_of(l["reached"])) + "</td><td class='" +
           (holds ? "ok'>holds" : "no'>not met: " + escaped(text_of(l["reason"]))) + "</td></tr>";
  }
  return out + "</tbody></table>";
}

}  // namespace

std::string report_verdict(const Json& fit) {
  std::string outcome = text_of(fit["outcome"]);
  std::replace(outcome.begin(), outcome.end(), '_', ' ');
  std::string out = "<p>Outcome: <b class='" + std::string(outcome == "ok" ? "ok" : "no") + "'>" +
                    escaped(outcome) + "</b>";
  if (fit.contains("outcome_reason")) out += ": " + escaped(text_of(fit["outcome_reason"]));
  out += "</p>" + tiles(fit) + limits(fit);
  return out + html_table({"on the untouched test split", ""}, figures(fit)) +
         html_paragraph(fit["money"]["price_origin"].as_string());
}

}  // namespace tenbin
