// SPDX-License-Identifier: Apache-2.0
#include "app/report/html.h"
#include "app/report/svg.h"

namespace tenbin {
namespace {

constexpr std::size_t kMostColumns = 200;

std::string number_or_blank(const Json& value) {
  return value.is_number() ? to_text(value.as_number(), 4) : std::string();
}

std::string most_frequent(const Json& column) {
  std::string out;
  std::size_t shown = 0;
  for (const Json& value : column["top"].items()) {
    if (++shown > 3) break;
    std::string name = text_of(value["value"]);
    if (name.size() > 24) name = name.substr(0, 22) + "..";
    out += (out.empty() ? "" : ", ") + name + " (" + text_of(value["rows"]) + ")";
  }
  return out;
}

std::string profile(const Json& d) {
  const auto& columns = d["profile"]["columns"].items();
  std::vector<HtmlRow> rows;
  for (const Json& c : columns) {
    if (rows.size() >= kMostColumns) break;
    const Json& n = c["number"];
    rows.push_back({text_of(c["name"]), text_of(c["type"]), text_of(c["missing"]),
                    text_of(c["distinct"]), number_or_blank(n["min"]), number_or_blank(n["mean"]),
                    number_or_blank(n["median"]), number_or_blank(n["max"]),
                    number_or_blank(n["deviation"]), n.is_null() ? most_frequent(c) : ""});
  }
  std::string out = html_table({"column", "type", "missing", "distinct", "min", "mean", "median",
                                "max", "deviation", "most frequent"},
                               rows, 2, 9);
  if (columns.size() > rows.size()) {
    out += html_paragraph("The first " + full_count(static_cast<std::int64_t>(rows.size())) +
                          " of " + full_count(static_cast<std::int64_t>(columns.size())) +
                          " columns; all stand in result.json.");
  }
  return out;
}

std::string list_or(const std::vector<HtmlRow>& rows, const HtmlRow& head, const char* none) {
  return rows.empty() ? html_paragraph(none) : html_table(head, rows);
}

std::string class_table(const Json& d) {
  const auto& names = d["classes"].items();
  const auto& counts = d["class_counts"].items();
  if (names.empty() || counts.size() < names.size()) return {};
  std::vector<HtmlRow> rows;
  for (std::size_t i = 0; i < names.size() && i < 100; ++i) {
    rows.push_back(
        {text_of(names[i]), text_of(counts[i]),
         fixed_text(100 * counts[i].as_number() / std::max(1.0, d["rows"].as_number()), 1) + "%"});
  }
  return "<h3>Classes</h3>" + html_table({"class", "rows", "share"}, rows, 1);
}

}  // namespace

std::string report_data(const Json& fit) {
  const Json& d = fit["data"];
  std::vector<HtmlRow> facts;
  for (const char* key : {"path", "format", "rows", "columns", "task", "target", "split",
                          "rows_train", "rows_valid", "rows_test", "digest"}) {
    std::string name = key;
    for (char& c : name) c = c == '_' ? ' ' : c;
    facts.push_back({name, text_of(d[key])});
  }
  std::vector<HtmlRow> findings;
  for (const Json& f : d["profile"]["findings"].items()) {
    findings.push_back({text_of(f["severity"]), text_of(f["column"]), text_of(f["what"]),
                        text_of(f["why"]), text_of(f["action"])});
  }
  return html_table({"fact", ""}, facts) + class_table(d) + "<h3>Profile</h3>" + profile(d) +
         "<h3>Findings</h3>" +
         list_or(findings, {"severity", "column", "what", "why", "action"},
                 "Nothing that a model would stumble over.");
}

std::string report_done(const Json& fit) {
  const Json& d = fit["data"];
  std::vector<HtmlRow> steps, features;
  for (const Json& s : d["cleaning"].items()) {
    steps.push_back(
        {text_of(s["step"]), text_of(s["what"]), text_of(s["rows"]), text_of(s["why"])});
  }
  for (const Json& f : d["features"].items()) {
    features.push_back({text_of(f["transform"]), text_of(f["columns"]), text_of(f["width"]),
                        text_of(f["what"]), text_of(f["why"])});
  }
  return "<h3>Cleaning</h3>" +
         list_or(steps, {"step", "column", "rows", "why"}, "Nothing was dropped or changed.") +
         "<h3>Features</h3>" +
         list_or(features, {"transform", "columns", "features", "what", "why"}, "None.") +
         html_paragraph(
             "Everything was fitted on the training rows alone and is part of the model.");
}

std::string report_how(const Json& fit) {
  const Json& e = fit["environment"];
  const Json& one = fit["latency"]["batch_1"];
  std::string libraries;
  for (const auto& [name, version] : e["libraries"].members()) {
    libraries += (libraries.empty() ? "" : ", ") + name + " " + text_of(version);
  }
  const std::vector<HtmlRow> rows = {
      {"command", text_of(fit["run"]["command"])},
      {"run", text_of(fit["run"]["id"]) + ", tenbin " + text_of(fit["run"]["version"])},
      {"began, ended (UTC)",
       text_of(fit["run"]["started_utc"]) + ", " + text_of(fit["run"]["finished_utc"])},
      {"seed, threads", text_of(fit["run"]["seed"]) + ", " + text_of(fit["run"]["threads"])},
      {"host", text_of(e["host"]) + ", " + text_of(e["os"]) + ", kernel " + text_of(e["kernel"])},
      {"CPU", text_of(e["cpu"])},
      {"vector instructions", text_of(e["isa"])},
      {"governor, quota",
       (e["governor"].is_string() ? text_of(e["governor"]) : "no governor seen") +
           std::string(", ") +
           (e["cpu_quota"].is_number() ? text_of(e["cpu_quota"]) + " CPUs" : "no quota")},
      {"virtual machine, container", text_of(e["in_vm"]) + ", " + text_of(e["in_container"])},
      {"memory",
       e["memory_bytes"].is_number() ? to_text(Bytes{e["memory_bytes"].as_integer()}) : "unknown"},
      {"compiler, engine", text_of(e["compiler"]) + ", " + text_of(e["engine"])},
      {"libraries", libraries.empty() ? "unknown" : libraries},
      {"latency", text_of(one["samples"]) + " samples after a warm-up of 50; " +
                      text_of(fit["latency"]["method"])},
      {"energy", text_of(fit["energy"]["describe"])},
      {"meter's own CPU time", time_of(fit["energy"]["meter_cpu_seconds"], {})},
      {"carbon, training", fit["carbon"]["training_g"].is_number()
                               ? to_text(fit["carbon"]["training_g"].as_number()) + " gCO2e at " +
                                     text_of(fit["carbon"]["intensity"])
                               : "unknown"},
      {"model digest (SHA-256)", text_of(fit["model"]["sha256"])}};
  return html_table({"what", "how"}, rows);
}

}  // namespace tenbin
