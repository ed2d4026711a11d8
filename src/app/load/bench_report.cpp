// SPDX-License-Identifier: Apache-2.0
#include "app/load/bench.h"
#include "app/report/html.h"
#include "app/report/page.h"
#include "app/report/svg.h"

namespace tenbin {
namespace {

double quantile(const Json& step, const char* name) {
  return step["latency"][name]["seconds"].as_number();
}

std::string interval_text(const Json& quantile) {
  if (!quantile.is_object()) return "no answers";
  return to_text(seconds(quantile["seconds"].as_number())) + " (" + bounds_text(quantile) + ")";
}

// The most that the generator itself was late: its own delay is in the latencies of that step.
std::string late_text(const Json& step) {
  const Json& late = step["latest_seconds"];
  return late.is_number() ? "up to " + to_text(seconds(late.as_number())) : "-";
}

std::string joules_text(const Json& server) {
  const Json& joules = server["joules_per_1000"];
  if (!joules.is_object()) return "unknown";
  return to_text(tenbin::joules(joules["value"].as_number())) + ", " +
         joules["provenance"].as_string();
}

std::string step_figure(const Json& bench) {
  std::vector<Series> lines;
  for (const char* name : {"p50", "p90", "p99", "p99_9"}) {
    Series line;
    line.name = name == std::string("p99_9") ? "p99.9" : name;
    for (const Json& step : bench["steps"].items()) {
      if (!step["latency"].is_object()) continue;
      line.points.push_back({step["rate"].as_number(), quantile(step, name) * 1e3});
    }
    lines.push_back(std::move(line));
  }
  Axes axes;
  axes.title = "Latency against answered requests a second";
  axes.x = "answered requests/s";
  axes.y = "latency [ms]";
  axes.y_from_zero = true;
  HtmlTable table;
  table.head = {"step", "answered/s", "p50", "p90", "p99", "p99.9", "refused or lost"};
  for (const Json& step : bench["steps"].items()) {
    const std::int64_t lost = bench_lost(step);
    table.rows.push_back({step["label"].as_string(), to_text(step["rate"].as_number(), 4),
                          interval_text(step["latency"]["p50"]),
                          interval_text(step["latency"]["p90"]),
                          interval_text(step["latency"]["p99"]),
                          interval_text(step["latency"]["p99_9"]), full_count(lost)});
  }
  return html_figure(line_chart(axes, lines), "Latency against load, 95 % intervals in the table",
                     table);
}

std::string step_table(const Json& bench) {
  std::vector<HtmlRow> rows;
  for (const Json& step : bench["steps"].items()) {
    std::string statuses;
    for (const auto& [status, count] : step["statuses"].members()) {
      statuses += (statuses.empty() ? "" : ", ") + status + ": " + full_count(count.as_integer());
    }
    const Json& slo = step["slo"];
    rows.push_back({step["label"].as_string(), statuses,
                    slo.is_object() ? fixed_text(100 * slo["missed"].as_number(), 2) + " %" : "-",
                    slo.is_object() ? to_text(slo["goodput"].as_number(), 4) : "-", late_text(step),
                    fixed_text(step["client"]["cores"].as_number(), 2),
                    step["server"]["cores"].is_number()
                        ? fixed_text(step["server"]["cores"].as_number(), 2)
                        : "unknown",
                    joules_text(step["server"])});
  }
  return html_table({"step", "answers by status", "objective missed", "in time/s",
                     "generator late by", "client cores", "server cores", "server, 1,000 answers"},
                    rows);
}

}  // namespace

std::int64_t bench_lost(const Json& step) {
  return step["sent"].as_integer() + step["unsent"].as_integer(0) - step["answered"].as_integer();
}

std::string bounds_text(const Json& quantile) {
  const auto text = [&](const char* side) { return to_text(seconds(quantile[side].as_number())); };
  const bool low = quantile["low"].is_number(), high = quantile["high"].is_number();
  if (low && high) return text("low") + " to " + text("high");
  if (low) return "at least " + text("low") + ", too few answers for more";
  return high ? "at most " + text("high") + ", too few answers for more" : "too few answers";
}

std::string bench_html(const Json& bench) {
  const Json& how = bench["how"];
  std::string out = page_head("tenbin bench " + bench["model"].as_string());
  out += "<h1>" + escaped(bench["model"].as_string()) + " at " + escaped(bench["url"].as_string()) +
         "</h1>";
  out += html_section("latency", "Latency", step_figure(bench));
  out += html_section("steps", "Steps", step_table(bench));
  out +=
      html_section("how", "How was this measured",
                   html_paragraph(how["host"].as_string() + ", " + how["cpu"].as_string() + ", " +
                                  std::to_string(how["threads"].as_integer()) +
                                  " threads, kernel " + how["kernel"].as_string() + "; tenbin " +
                                  how["version"].as_string() + ", " + how["measured"].as_string() +
                                  "; client and server share this machine's cores "
                                  "if the server is local; " +
                                  bench["arrivals"].as_string() + " arrivals, seed " +
                                  std::to_string(bench["seed"].as_integer()) +
                                  "; latency of an open loop counts from the instant at which the "
                                  "request was due, so where the generator was late "
                                  "its own delay is in the figures") +
                       html_paragraph("meter of the server: " + how["meter"].as_string()));
  out += embedded_json("bench", bench.dump());
  return out + "</body></html>\n";
}

}  // namespace tenbin
