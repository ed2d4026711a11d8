// SPDX-License-Identifier: Apache-2.0
#include "cli/fit_text.h"

#include <cmath>
#include <cstdio>

#include "cli/command.h"

namespace tenbin {
namespace {

std::string row(const std::string& name, const std::string& value) {
  char text[64];
  std::snprintf(text, sizeof text, "  %-24s", name.c_str());
  return text + value + "\n";
}

std::string spread(const Json& energy) {
  if (!energy["value"].is_number()) {
    return "unknown (" + energy["reason"].as_string() + ")";
  }
  return to_text(joules(energy["value"].as_number())) + " (" +
         to_text(joules(energy["lo"].as_number())) + " to " +
         to_text(joules(energy["hi"].as_number())) + ", " + energy["provenance"].as_string() + ")";
}

std::string score_line(const Json& score) {
  std::string text = to_text(score["value"].as_number(), 4);
  if (score["lo"].is_number()) {
    text += " (95 %: " + to_text(score["lo"].as_number(), 4) + " to " +
            to_text(score["hi"].as_number(), 4) + ")";
  }
  return text;
}

std::string optional_time(const Json& value, const Json& reason) {
  if (value.is_number()) return to_text(seconds(value.as_number()));
  return "unknown (" + reason.as_string() + ")";
}

std::string where_it_went(const Json& fit) {
  std::string out =
      "\nWhere time and energy went (" + fit["total"]["provenance"].as_string() + ")\n";
  char line[128];
  for (const Json& stage : fit["stages"].items()) {
    std::snprintf(
        line, sizeof line, "  %-16s %10s %12s %5.1f %%\n", stage["name"].as_string().c_str(),
        to_text(seconds(stage["seconds"].as_number())).c_str(),
        to_text(joules(stage["joules"].as_number())).c_str(), 100 * stage["share"].as_number());
    out += line;
  }
  std::snprintf(line, sizeof line, "  %-16s %10s %12s\n", "total",
                to_text(seconds(fit["total"]["seconds"].as_number())).c_str(),
                to_text(joules(fit["total"]["joules"].as_number())).c_str());
  return out + line;
}

std::string limits_text(const Json& fit) {
  if (fit["limits"].items().empty()) return {};
  std::string out = "\nLimits\n";
  for (const Json& limit : fit["limits"].items()) {
    const bool holds = limit["holds"].as_bool();
    out +=
        row(limit["name"].as_string(),
            std::string(holds ? "holds: " : "NOT MET: ") + limit["reached"].as_string() + " of " +
                limit["limit"].as_string() + (holds ? "" : " - " + limit["reason"].as_string()));
  }
  return out;
}

}  // namespace

std::string verdict_text(const Json& fit) {
  const Json& model = fit["model"];
  const Json& money = fit["money"];
  std::string out = "\nVerdict: " + fit["outcome"].as_string();
  if (fit.contains("outcome_reason")) out += " - " + printable(fit["outcome_reason"].as_string());
  out += "\n  on " + std::to_string(fit["data"]["rows_test"].as_integer()) +
         " test rows that nothing was fitted to\n";
  for (const Json& score : fit["scores"].items()) {
    out += row(score["name"].as_string(), score_line(score));
  }
  const Json& one = fit["latency"]["batch_1"];
  out += row("latency p50, batch 1", optional_time(one["p50"], one["reason"]));
  out += row("latency p99, batch 1", optional_time(one["p99"], one["reason"]));
  if (const std::int64_t lost = one["preempted"].as_integer(); lost > 0) {
    out += row("", "without " + std::to_string(lost) + " of " +
                       std::to_string(lost + one["samples"].as_integer()) +
                       " requests that other programs interrupted; p99 with them: " +
                       optional_time(one["p99_with_preempted"], {}));
  }
  const Json& wide = fit["latency"]["throughput"];
  out += row("throughput, batch " + std::to_string(wide["batch"].as_integer()),
             to_text(wide["rows_per_second"].as_number()) + " rows/s");
  out += row("model",
             model["name"].as_string() + ", " + to_text(Bytes{model["size_bytes"].as_integer()}));
  if (model["macs"].is_number()) {
    out += row("MACs", to_text(Macs{model["macs"].as_integer()}));
    out += row("parameters", std::to_string(model["parameters"].as_integer()));
    out += row("MACs/parameter", to_text(model["macs_per_parameter"].as_number()));
  }
  out += row("energy, training", spread(fit["energy"]["training"]));
  out += row("energy, 1,000 answers", spread(fit["energy"]["per_1000_predictions"]));
  const std::string currency = money["currency"].as_string();
  out += row("money, training", to_text(money["training"].as_number()) + " " + currency);
  out += row("money, 1,000 answers",
             to_text(money["per_1000_predictions"].as_number()) + " " + currency);
  if (!money["price_origin"].as_string().empty()) {
    out += "  " + money["price_origin"].as_string() + "\n";
  }
  out += limits_text(fit) + where_it_went(fit) + "\nFiles\n";
  for (const auto& [name, path] : fit["files"].members()) out += row(name, path.as_string());
  out += "\nNext\n";
  for (const Json& next : fit["next"].items()) out += "  " + printable(next.as_string()) + "\n";
  return out;
}

std::string progress_text(const FitProgress& p, std::size_t width) {
  std::string text = p.network + "  epoch " + std::to_string(p.epoch) + "/" +
                     std::to_string(p.epochs) + "  " + to_text(100 * p.done) + " %  loss " +
                     to_text(p.loss, 4);
  if (p.score) text += "  " + p.score_name + " " + to_text(*p.score, 4);
  if (p.best_score) text += " (best " + to_text(*p.best_score, 4) + ")";
  text += "  " + to_text(p.rows_per_second) + " rows/s  " + to_text(p.energy.at_most());
  if (p.eta) text += "  ETA " + to_text(*p.eta);
  if (width > 0 && text.size() > width) text.resize(width);
  return text;
}

}  // namespace tenbin
