// SPDX-License-Identifier: Apache-2.0
#include "cli/bench_text.h"

#include <algorithm>
#include <vector>

#include "app/load/bench.h"
#include "base/units.h"

namespace tenbin {
namespace {

constexpr double kLate = 0.005;  // [s]

std::string quantile_text(const Json& step, const char* name) {
  const Json& at = step["latency"][name];
  return at.is_object() ? to_text(seconds(at["seconds"].as_number())) : "-";
}

std::string joules_text(const Json& step) {
  const Json& at = step["server"]["joules_per_1000"];
  return at.is_object() ? to_text(joules(at["value"].as_number())) : "unknown";
}

std::string cores_text(const Json& side) {
  return side["cores"].is_number() ? to_text(side["cores"].as_number(), 2) : "unknown";
}

std::vector<std::string> row_of(const Json& step) {
  const std::int64_t lost = bench_lost(step);
  std::vector<std::string> row = {step["label"].as_string(),  to_text(step["rate"].as_number(), 4),
                                  quantile_text(step, "p50"), quantile_text(step, "p90"),
                                  quantile_text(step, "p99"), quantile_text(step, "p99_9"),
                                  std::to_string(lost),       cores_text(step["server"]),
                                  cores_text(step["client"]), joules_text(step)};
  if (step["slo"].is_object()) {
    row.push_back(to_text(Ratio{step["slo"]["missed"].as_number()}));
  }
  return row;
}

std::string spread_text(const Json& step) {
  const Json& at = step["latency"]["p99"];
  if (!at.is_object()) return {};
  return "  " + step["label"].as_string() + ": p99 " + to_text(seconds(at["seconds"].as_number())) +
         " (95 %: " + bounds_text(at) + ")";
}

std::string lost_text(const Json& step) {
  std::string out;
  for (const auto& [status, count] : step["statuses"].members()) {
    if (status == "200") continue;
    out += (out.empty() ? "" : ", ") + status + ": " + full_count(count.as_integer());
  }
  if (step["unanswered"].as_integer() > 0) {
    out += (out.empty() ? "" : ", ") + std::string("still waiting at the end: ") +
           full_count(step["unanswered"].as_integer());
  }
  if (step["unsent"].as_integer(0) > 0) {
    out += (out.empty() ? "" : ", ") + std::string("due, but all connections were busy: ") +
           full_count(step["unsent"].as_integer());
  }
  return out;
}

// What of the figures is the generator's doing, and not the server's.
std::string own_text(const Json& step) {
  const double late = step["latest_seconds"].as_number(0);
  std::string out;
  if (late > kLate) {
    out = "the generator itself was up to " + to_text(seconds(late)) +
          " late: its core was busy, and the latencies hold its delay";
  }
  if (step["queued"].as_integer(0) > 0) {
    out += (out.empty() ? "" : "; ") + full_count(step["queued"].as_integer()) +
           " requests waited for a connection; raise --connections to send more at once";
  }
  return out;
}

}  // namespace

std::string bench_text(const Json& bench, bool plain) {
  std::vector<std::vector<std::string>> rows = {{"step", "answered/s", "p50", "p90", "p99", "p99.9",
                                                 "lost", "server cores", "client cores",
                                                 "J/1,000"}};
  const auto& steps = bench["steps"].items();
  if (!steps.empty() && steps.front()["slo"].is_object()) rows[0].emplace_back("SLO missed");
  for (const Json& step : steps) rows.push_back(row_of(step));
  std::string out;
  if (plain) {
    for (const auto& row : rows) {
      for (const std::string& cell : row) out += cell + (&cell == &row.back() ? "\n" : "\t");
    }
    return out;
  }
  out = bench["model"].as_string() + " at " + bench["url"].as_string() + ", " +
        bench["request"]["form"].as_string() + " bodies of " +
        to_text(Bytes{bench["request"]["body_bytes"].as_integer()}) + "\n";
  std::vector<std::size_t> widths(rows[0].size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string fill(widths[i] - row[i].size(), ' ');
      out += i == 0 ? "  " + row[i] + fill : "  " + fill + row[i];
    }
    out += '\n';
  }
  for (const Json& step : steps) {
    if (const std::string text = spread_text(step); !text.empty()) out += text + "\n";
    for (const std::string& text : {lost_text(step), own_text(step)}) {
      if (!text.empty()) out += "  " + step["label"].as_string() + ": " + text + "\n";
    }
  }
  return out + "  server energy: " + bench["how"]["meter"].as_string() + "\n";
}

bool bench_answered(const Json& bench) {
  const auto& steps = bench["steps"].items();
  return std::any_of(steps.begin(), steps.end(),
                     [](const Json& step) { return step["answered"].as_integer() > 0; });
}

}  // namespace tenbin
