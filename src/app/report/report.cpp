// SPDX-License-Identifier: Apache-2.0
#include "app/report/report.h"

#include <algorithm>
#include <cmath>

#include "app/report/svg.h"
#include "base/units.h"

namespace tenbin {
namespace {

constexpr const char* kHead =
    "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
    "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:\">"
    "<meta name='viewport' content='width=device-width, initial-scale=1'>"
    "<title>Tenbin report</title><style>"
    ":root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#f2f4f7;--line:#d0d7de}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--soft:#161b22;"
    "--line:#30363d}}"
    "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
    "max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.6rem}h2{font-size:1.15rem;border-bottom:1px solid var(--line);margin-top:2rem}"
    "table{border-collapse:collapse;font-size:.9em}td,th{padding:.2rem .6rem;text-align:left;"
    "border-bottom:1px solid var(--line);vertical-align:top}td.n{text-align:right}"
    "svg{width:100%;max-width:640px;background:var(--soft)}svg text{font-size:11px;fill:var(--ink)}"
    ".grid{stroke:var(--line)}.band{fill:#0072b2;opacity:.10}.band2{fill:#e69f00;opacity:.10}"
    ".no{color:#d55e00;font-weight:600}.ok{color:#009e73;font-weight:600}"
    "details{margin:.4rem 0}@media print{body{margin:0}details[open]{break-inside:avoid}}"
    "</style></head><body>";

using Row = std::vector<std::string>;

std::string table(const Row& head, const std::vector<Row>& rows) {
  std::string out = "<table><thead><tr>";
  for (const auto& cell : head) out += "<th>" + escaped(cell) + "</th>";
  out += "</tr></thead><tbody>";
  for (const Row& row : rows) {
    out += "<tr>";
    for (const auto& cell : row) out += "<td>" + escaped(cell) + "</td>";
    out += "</tr>";
  }
  return out + "</tbody></table>";
}

std::string figure(const std::string& svg, const std::string& numbers) {
  if (svg.empty()) return "<p>Nothing to draw.</p>";
  return svg + "<details><summary>as a table</summary>" + numbers + "</details>";
}

std::string section(const char* title, const std::string& body) {
  return "<section><h2>" + std::string(title) + "</h2>" + body + "</section>";
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_bool()) return value.as_bool() ? "yes" : "no";
  if (value.is_integer()) return std::to_string(value.as_integer());
  if (value.is_number()) return to_text(value.as_number(), 4);
  if (value.is_array()) {
    std::string out;
    for (const Json& item : value.items()) out += (out.empty() ? "" : ", ") + text_of(item);
    return out;
  }
  return value.is_null() ? "unknown" : value.dump();
}

std::string energy_text(const Json& e) {
  if (!e["value"].is_number()) {
    return "unknown" + (e["reason"].is_string() ? ": " + e["reason"].as_string() : std::string());
  }
  return to_text(joules(e["value"].as_number())) + " (" + to_text(joules(e["lo"].as_number())) +
         " to " + to_text(joules(e["hi"].as_number())) + "), " + text_of(e["provenance"]) + " by " +
         text_of(e["source"]) + ", scope " + text_of(e["scope"]);
}

std::string time_text(const Json& value, const Json& reason) {
  if (value.is_number()) return to_text(seconds(value.as_number()));
  return "unknown" + (reason.is_string() ? ": " + reason.as_string() : std::string());
}

std::string verdict(const Json& fit) {
  std::vector<Row> rows;
  for (const Json& s : fit["scores"].items()) {
    std::string value = to_text(s["value"].as_number(), 4);
    if (s["lo"].is_number()) {
      value += "  (95 %: " + to_text(s["lo"].as_number(), 4) + " to " +
               to_text(s["hi"].as_number(), 4) + ", " + text_of(s["interval"]) + ")";
    }
    rows.push_back({text_of(s["name"]), value});
  }
  const Json& one = fit["latency"]["batch_1"];
  const Json& wide = fit["latency"]["throughput"];
  const Json& model = fit["model"];
  const Json& money = fit["money"];
  const std::string currency = " " + text_of(money["currency"]);
  rows.push_back({"latency p50, batch 1", time_text(one["p50"], one["reason"])});
  rows.push_back({"latency p99, batch 1", time_text(one["p99"], one["reason"])});
  rows.push_back({"throughput, batch " + text_of(wide["batch"]),
                  text_of(wide["rows_per_second"]) + " rows/s"});
  rows.push_back(
      {"model", text_of(model["name"]) + ", " + to_text(Bytes{model["size_bytes"].as_integer()})});
  rows.push_back(
      {"MACs", model["macs"].is_number() ? to_text(Macs{model["macs"].as_integer()}) : "unknown"});
  rows.push_back({"parameters", text_of(model["parameters"])});
  rows.push_back({"MACs/parameter", text_of(model["macs_per_parameter"])});
  rows.push_back({"energy, training", energy_text(fit["energy"]["training"])});
  rows.push_back({"energy, 1,000 predictions", energy_text(fit["energy"]["per_1000_predictions"])});
  rows.push_back({"money, training", text_of(money["training"]) + currency});
  rows.push_back({"money, 1,000 predictions", text_of(money["per_1000_predictions"]) + currency});
  std::string out = "<p>Outcome: <b>" + escaped(text_of(fit["outcome"])) + "</b>";
  if (fit.contains("outcome_reason")) out += " &mdash; " + escaped(text_of(fit["outcome_reason"]));
  out += "</p>" + table({"on the untouched test split", ""}, rows);
  out += "<p>" + escaped(text_of(money["price_origin"])) + "</p>";
  if (fit["limits"].items().empty()) return out;
  out += "<table><thead><tr><th>limit</th><th>allowed</th><th>reached</th><th></th></tr></thead>";
  for (const Json& l : fit["limits"].items()) {
    const bool holds = l["holds"].as_bool();
    out += "<tr><td>" + escaped(text_of(l["name"])) + "</td><td>" + escaped(text_of(l["limit"])) +
           "</td><td>" + escaped(text_of(l["reached"])) + "</td><td class='" +
           (holds ? "ok'>holds" : "no'>not met: " + escaped(text_of(l["reason"]))) + "</td></tr>";
  }
  return out + "</table>";
}

std::string curves(const Json& fit) {
  Series train{"training loss", {}}, valid{"validation loss", {}}, score{"validation score", {}};
  std::vector<Row> rows;
  for (const Json& p : fit["training"]["curve"].items()) {
    const double epoch = p["epoch"].as_number();
    train.points.push_back({epoch, p["train_loss"].as_number()});
    if (p["valid_loss"].is_number()) valid.points.push_back({epoch, p["valid_loss"].as_number()});
    if (p["valid_score"].is_number()) score.points.push_back({epoch, p["valid_score"].as_number()});
    if (rows.size() < 500) {
      rows.push_back({text_of(p["epoch"]), text_of(p["train_loss"]), text_of(p["valid_loss"]),
                      text_of(p["valid_score"]), text_of(p["joules"])});
    }
  }
  const std::string numbers =
      table({"epoch", "training loss", "validation loss", "validation score", "joules"}, rows);
  return figure(line_chart({"Loss by epoch", "epoch", "loss"}, {train, valid}), numbers) +
         line_chart({"Validation score by epoch", "epoch", "score"}, {score});
}

std::string answers(const Json& fit) {
  const Json& confusion = fit["confusion"];
  if (confusion.is_null()) {
    Series points{"prediction", {}};
    std::vector<Row> rows;
    for (const Json& r : fit["residuals"].items()) {
      points.points.push_back({r["target"].as_number(), r["predicted"].as_number()});
      if (rows.size() < 200) rows.push_back({text_of(r["target"]), text_of(r["predicted"])});
    }
    std::sort(points.points.begin(), points.points.end(),
              [](const Point& a, const Point& b) { return a.x < b.x; });
    return figure(line_chart({"Prediction by target", "target", "prediction"}, {points}),
                  table({"target", "predicted"}, rows));
  }
  const auto& counts = confusion["counts"].items();
  std::string out = "<table><thead><tr><th>actual \\ predicted</th>";
  const std::size_t shown = std::min<std::size_t>(counts.size(), 40);
  for (std::size_t i = 0; i < shown; ++i) {
    out += "<th>" + escaped(text_of(confusion["classes"].items()[i])) + "</th>";
  }
  out += "</tr></thead>";
  for (std::size_t i = 0; i < shown; ++i) {
    double all = 0;
    for (const Json& n : counts[i].items()) all += n.as_number();
    out += "<tr><th>" + escaped(text_of(confusion["classes"].items()[i])) + "</th>";
    for (std::size_t j = 0; j < shown && j < counts[i].items().size(); ++j) {
      const double share = all > 0 ? counts[i].items()[j].as_number() / all : 0;
      out += "<td class='n' style='background:rgba(0,114,178," + to_text(share, 2) + ")'>" +
             text_of(counts[i].items()[j]) + "</td>";
    }
    out += "</tr>";
  }
  return out + "</table>";
}

std::string latency(const Json& fit) {
  std::vector<std::string> labels;
  std::vector<double> values;
  std::vector<Row> rows;
  for (const Json& bin : fit["latency"]["batch_1"]["histogram"].items()) {
    labels.push_back(to_text(seconds(bin["from"].as_number())));
    values.push_back(bin["count"].as_number());
    rows.push_back({labels.back(), to_text(seconds(bin["to"].as_number())), text_of(bin["count"])});
  }
  return "<p>" + escaped(text_of(fit["latency"]["method"])) + "</p>" +
         figure(bar_chart({"Latency of one prediction, logarithmic", "from", "samples"}, labels,
                          values),
                table({"from", "to", "samples"}, rows));
}

std::string power(const Json& fit) {
  const std::string provenance = text_of(fit["total"]["provenance"]);
  Series watts{"power, " + provenance, {}};
  for (const Json& p : fit["power"].items()) {
    watts.points.push_back({p["t"].as_number(), p["watts"].as_number()});
  }
  std::vector<Band> bands;
  std::vector<std::string> labels;
  std::vector<double> values;
  std::vector<Row> rows;
  for (const Json& s : fit["stages"].items()) {
    if (s["name"].as_string() != "unattributed") {
      bands.push_back({text_of(s["name"]), s["begin"].as_number(), s["end"].as_number()});
    }
    labels.push_back(text_of(s["name"]));
    values.push_back(s["joules"].as_number());
    rows.push_back({labels.back(), to_text(seconds(s["seconds"].as_number())),
                    to_text(joules(s["joules"].as_number())),
                    to_text(Ratio{s["share"].as_number()}), text_of(s["money"])});
  }
  const Json& total = fit["total"];
  rows.push_back({"total", to_text(seconds(total["seconds"].as_number())),
                  to_text(joules(total["joules"].as_number())), "100%", text_of(total["money"])});
  const bool modelled = provenance != "measured";
  return line_chart({"Power over time, stages shaded", "seconds", "watts (" + provenance + ")"},
                    {watts}, bands) +
         figure(bar_chart({"Energy by stage", "stage", "joules (" + provenance + ")"}, labels,
                          values, modelled),
                table({"stage", "time", "energy, " + provenance, "share", "money"}, rows));
}

std::string data(const Json& fit) {
  const Json& d = fit["data"];
  std::vector<Row> facts;
  for (const char* key : {"path", "format", "rows", "columns", "task", "target", "split",
                          "rows_train", "rows_valid", "rows_test", "digest"}) {
    facts.push_back({key, text_of(d[key])});
  }
  std::vector<Row> findings, steps, features;
  for (const Json& f : d["profile"]["findings"].items()) {
    findings.push_back({text_of(f["severity"]), text_of(f["column"]), text_of(f["what"]),
                        text_of(f["why"]), text_of(f["action"])});
  }
  for (const Json& s : d["cleaning"].items()) {
    steps.push_back(
        {text_of(s["step"]), text_of(s["what"]), text_of(s["rows"]), text_of(s["why"])});
  }
  for (const Json& f : d["features"].items()) {
    features.push_back({text_of(f["transform"]), text_of(f["columns"]), text_of(f["width"]),
                        text_of(f["what"]), text_of(f["why"])});
  }
  return table({"data", ""}, facts) + "<h3>Findings</h3>" +
         table({"severity", "column", "what", "why", "action"}, findings) +
         "<h3>What was done, and why</h3>" + table({"step", "column", "rows", "why"}, steps) +
         "<h3>Features</h3>" + table({"transform", "columns", "width", "what", "why"}, features);
}

std::string members(const Json& object) {
  std::vector<Row> rows;
  for (const auto& [key, value] : object.members()) rows.push_back({key, text_of(value)});
  return table({"", ""}, rows);
}

std::string candidates(const Json& fit) {
  std::vector<Row> rows;
  for (const Json& c : fit["candidates"].items()) {
    rows.push_back({text_of(c["name"]) + (c["chosen"].as_bool() ? " (chosen)" : ""),
                    text_of(c["score_name"]) + " " + text_of(c["valid_score"]),
                    text_of(c["epochs"]), to_text(seconds(c["seconds"].as_number())),
                    to_text(joules(c["joules"].as_number())), text_of(c["why"])});
  }
  return table({"network", "on validation", "epochs", "time", "energy", "why"}, rows);
}

// JSON that cannot end its script element early.
std::string embedded(const Json& fit) {
  std::string out;
  for (const char c : fit.dump()) out += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return "<script type='application/json' id='tenbin-fit'>" + out + "</script>";
}

}  // namespace

std::string report_html(const Json& fit) {
  std::string how = members(fit["run"]) + members(fit["environment"]);
  how += "<p>energy is " + escaped(text_of(fit["energy"]["describe"])) + "</p>";
  return kHead +
         ("<h1>" + escaped(text_of(fit["data"]["target"])) + " from " +
          escaped(text_of(fit["data"]["path"])) + "</h1>") +
         section("Verdict", verdict(fit)) + section("What was tried", candidates(fit)) +
         section("Learning", curves(fit)) + section("Answers on the test split", answers(fit)) +
         section("Latency", latency(fit)) + section("Where energy and time went", power(fit)) +
         section("Data", data(fit)) + section("How was this measured", how) + embedded(fit) +
         "</body></html>\n";
}

}  // namespace tenbin
