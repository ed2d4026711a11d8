// SPDX-License-Identifier: Apache-2.0
#include "cli/fit_text.h"

#include <algorithm>
#include <cmath>

#include "cli/work_lines.h"

namespace tenbin {
namespace {

constexpr std::size_t kWidth = 98;
constexpr double kFirstLine = 2, kPlainLine = 10, kLiveLine = 5;  // [s]
constexpr double kFirstRead = 0.3, kRedraw = 0.2;                 // [s] on a terminal

std::string fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

// Scores have four decimals, errors of a regression their own size.
std::string score_number(double value, bool share) {
  return share ? fixed(value, 4) : to_text(value, 4);
}

bool is_share(const std::string& name) {
  return name.find("auroc") == 0 || name.find("accuracy") == 0 || name.find("f1") == 0 ||
         name == "r2" || name == "log_loss";
}

std::string interval_of(const std::string& lo, const std::string& hi) { return lo + " to " + hi; }

struct Line {
  std::string name, value, interval;
};

Line energy_line(const std::string& name, const Json& energy) {
  if (!energy["value"].is_number()) {
    const std::string& reason = energy["reason"].as_string();
    return {name, "unknown" + (reason.empty() ? "" : ": " + reason), ""};
  }
  return {name, to_text(joules(energy["value"].as_number())),
          interval_of(to_text(joules(energy["lo"].as_number())),
                      to_text(joules(energy["hi"].as_number()))) +
              ", " + energy["provenance"].as_string()};
}

std::string time_or_reason(const Json& value, const Json& reason) {
  if (value.is_number()) return to_text(seconds(value.as_number()));
  return "unknown" + (reason.is_string() ? ": " + reason.as_string() : std::string());
}

Currency currency_of(const Json& money) {
  Currency out;
  const std::string& code = money["currency"].as_string();
  for (std::size_t i = 0; i < out.code.size() && i < code.size(); ++i) out.code[i] = code[i];
  return out;
}

std::vector<Line> score_lines(const Json& fit) {
  std::vector<Line> out;
  for (const Json& score : fit["scores"].items()) {
    const std::string& name = score["name"].as_string();
    Line line{name, score_number(score["value"].as_number(), is_share(name)), ""};
    if (score["lo"].is_number()) {
      line.interval = interval_of(score_number(score["lo"].as_number(), is_share(name)),
                                  score_number(score["hi"].as_number(), is_share(name)));
    }
    out.push_back(std::move(line));
  }
  return out;
}

std::vector<Line> speed_lines(const Json& fit) {
  const Json& one = fit["latency"]["batch_1"];
  const Json& wide = fit["latency"]["throughput"];
  const std::int64_t threads = wide["threads"].as_integer();
  const std::string on = threads == 0   ? ""
                         : threads == 1 ? ", on 1 thread"
                                        : ", on " + std::to_string(threads) + " threads";
  std::vector<Line> out = {{"latency p50, batch 1", time_or_reason(one["p50"], one["reason"]), ""},
                           {"latency p99, batch 1", time_or_reason(one["p99"], one["reason"]), ""}};
  if (const std::int64_t lost = one["preempted"].as_integer(); lost > 0) {
    out.push_back({"",
                   "without " + full_count(lost) + " of " +
                       full_count(lost + one["samples"].as_integer()) +
                       " requests that other programs interrupted; p99 with them: " +
                       time_or_reason(one["p99_with_preempted"], {}),
                   ""});
  }
  out.push_back({"throughput, batch " + std::to_string(wide["batch"].as_integer()),
                 short_count(wide["rows_per_second"].as_number()) + " rows/s" + on, ""});
  return out;
}

std::vector<Line> model_lines(const Json& fit) {
  const Json& model = fit["model"];
  std::vector<Line> out = {{"learner", printable(model["name"].as_string()), ""},
                           {"size", to_text(Bytes{model["size_bytes"].as_integer()}), ""}};
  if (!model["macs"].is_number()) return out;
  if (model["macs"].as_integer() == 0) {
    out.push_back({"MACs", "none: trees compare, they do not multiply", ""});
    if (model["tree_nodes"].is_number()) {
      out.push_back({"tree nodes", full_count(model["tree_nodes"].as_integer()), ""});
    }
    return out;
  }
  out.push_back({"MACs", to_text(Macs{model["macs"].as_integer()}), ""});
  out.push_back({"parameters", full_count(model["parameters"].as_integer()), ""});
  out.push_back({"MACs/parameter", to_text(model["macs_per_parameter"].as_number()), ""});
  if (model["activation_bytes"].is_number()) {
    out.push_back({"activations",
                   to_text(Bytes{model["activation_bytes"].as_integer()}) + " a row, at most " +
                       to_text(Bytes{model["peak_activation_bytes"].as_integer()}) + " at once",
                   ""});
  }
  return out;
}

std::vector<Line> cost_lines(const Json& fit) {
  const Json& money = fit["money"];
  const Currency currency = currency_of(money);
  return {energy_line("energy, training", fit["energy"]["training"]),
          energy_line("energy, 1,000 predictions", fit["energy"]["per_1000_predictions"]),
          {"money, training", money_text(money["training"].as_number(), currency), ""},
          {"money, 1,000 predictions",
           money_text(money["per_1000_predictions"].as_number(), currency), ""}};
}

// The sections of a verdict share their columns, so that numbers stand below each other.
std::string figures(const Json& fit, const Style& style) {
  const struct {
    const char *name, *interval;
    std::vector<Line> lines;
  } sections[] = {{"Scores", "95% interval", score_lines(fit)},
                  {"Speed", "", speed_lines(fit)},
                  {"Model", "", model_lines(fit)},
                  {"Cost", "95% interval", cost_lines(fit)}};
  constexpr std::size_t kName = 25, kInterval = 42;
  std::string out;
  for (const auto& section : sections) {
    out += style.bold(section.name);
    if (*section.interval != 0) {
      out += std::string(kInterval - columns_of(section.name), ' ') + section.interval;
    }
    out += "\n";
    for (const Line& line : section.lines) {
      std::string text = "  " + padded(line.name, kName) + "  " + line.value;
      if (!line.interval.empty()) text = padded(text, kInterval) + line.interval;
      if (columns_of(text) > kWidth) {
        text = "  " + padded(line.name, kName) + "  " + hanging(line.value, kWidth, kName + 4);
      }
      out += text + "\n";
    }
  }
  return out;
}

std::string where_it_went(const Json& fit, const Style& style) {
  Columns table("lrrr");
  table.add({"", "time", "energy", "share"});
  for (const Json& stage : fit["stages"].items()) {
    table.add({stage["name"].as_string(), to_text(seconds(stage["seconds"].as_number())),
               to_text(joules(stage["joules"].as_number())),
               fixed(100 * stage["share"].as_number(), 1) + "%"});
  }
  table.add({"total", to_text(seconds(fit["total"]["seconds"].as_number())),
             to_text(joules(fit["total"]["joules"].as_number())), "100.0%"});
  return style.bold("Where time and energy went") + " (" + fit["total"]["provenance"].as_string() +
         ")\n" + table.aligned();
}

std::string limits_text(const Json& fit, const Style& style) {
  if (fit["limits"].items().empty()) return {};
  Columns table("lllll");
  table.add({"", "allowed", "reached", ""});
  for (const Json& limit : fit["limits"].items()) {
    const bool holds = limit["holds"].as_bool();
    table.add({limit["name"].as_string(), limit["limit"].as_string(), limit["reached"].as_string(),
               holds ? style.good("holds") : style.bad("NOT MET")});
  }
  return style.bold("Limits") + "\n" + table.aligned();
}

std::string list_text(const char* head, const std::vector<Line>& lines, const Style& style) {
  std::string out = style.bold(head) + "\n";
  for (const Line& line : lines) out += "  " + padded(line.name, 10) + line.value + "\n";
  return out;
}

std::string outcome_text(const Json& fit, const Style& style) {
  const std::string& outcome = fit["outcome"].as_string();
  const bool good = outcome == "ok";
  std::string text = outcome;
  std::replace(text.begin(), text.end(), '_', ' ');
  if (fit.contains("outcome_reason")) text += ": " + printable(fit["outcome_reason"].as_string());
  if (good && !fit["limits"].items().empty()) text += ": every limit holds";
  const std::string head = style.bold("Verdict: ") + (good ? style.good(text) : style.bad(text));
  return wrapped(head, kWidth, 9) + "\n  on " + full_count(fit["rows_scored"].as_integer()) +
         " test rows that nothing was fitted to\n\n";
}

}  // namespace

std::string verdict_text(const Json& fit, const Style& style) {
  std::string out = "\n" + outcome_text(fit, style) + figures(fit, style);
  if (const std::string& origin = fit["money"]["price_origin"].as_string(); !origin.empty()) {
    out += "  " + wrapped(origin, kWidth - 2, 2) + "\n";
  }
  out += limits_text(fit, style) + where_it_went(fit, style);
  std::vector<Line> files;
  for (const auto& [name, path] : fit["files"].members()) {
    if (name != "checkpoint") files.push_back({name, printable(path.as_string()), ""});
  }
  if (fit.contains("shrink")) {
    const Json& shrink = fit["shrink"];
    out += style.bold("Shrunk") + "\n  " +
           hanging(printable(shrink["verdict"].as_string()), 98, 2) + "\n";
    if (shrink.contains("model"))
      files.push_back({"small", printable(shrink["model"].as_string()), ""});
  }
  out += list_text("Files", files, style) + style.bold("Next") + "\n";
  for (const Json& next : fit["next"].items()) out += "  " + printable(next.as_string()) + "\n";
  return out;
}

std::string verdict_plain(const Json& fit) {
  Columns table("llll");
  const auto number = [](const Json& value) { return value.is_number() ? value.dump() : ""; };
  const auto add = [&](const char* section, std::string name, const Json& value,
                       const std::string& more = {}) {
    table.add(
        {section, std::move(name), value.is_string() ? value.as_string() : number(value), more});
  };
  const auto span = [&](const Json& of) {
    return of["lo"].is_number() ? number(of["lo"]) + ".." + number(of["hi"]) : std::string();
  };
  add("verdict", "outcome", fit["outcome"]);
  for (const Json& score : fit["scores"].items()) {
    add("score", score["name"].as_string(), score["value"], span(score));
  }
  add("speed", "p50_seconds", fit["latency"]["batch_1"]["p50"]);
  add("speed", "p99_seconds", fit["latency"]["batch_1"]["p99"]);
  add("speed", "rows_per_second", fit["latency"]["throughput"]["rows_per_second"]);
  for (const char* key : {"name", "size_bytes", "macs", "parameters", "macs_per_parameter"}) {
    add("model", key, fit["model"][key]);
  }
  for (const char* key : {"training", "per_1000_predictions"}) {
    const Json& energy = fit["energy"][key];
    add("energy_joules", key, energy["value"],
        span(energy) + " " + energy["provenance"].as_string());
    add("money", key, fit["money"][key], fit["money"]["currency"].as_string());
  }
  for (const Json& limit : fit["limits"].items()) {
    add("limit", limit["name"].as_string(), limit["holds"].as_bool() ? "holds" : "not met",
        limit["reached"].as_string() + " of " + limit["limit"].as_string());
  }
  for (const Json& stage : fit["stages"].items()) {
    add("stage_joules", stage["name"].as_string(), stage["joules"],
        number(stage["seconds"]) + " s");
  }
  for (const auto& [name, path] : fit["files"].members()) add("file", name, path);
  return table.tabbed();
}

std::string progress_text(const FitProgress& p, std::size_t width) {
  const std::string planned = std::to_string(p.epochs);
  std::string text = p.network + "  epoch " + padded_left(std::to_string(p.epoch), planned.size()) +
                     "/" + planned + "  " + padded_left(fixed(std::floor(100 * p.done), 0), 3) +
                     "%";
  const bool knows_rows = p.rows_per_second > 0;
  if (knows_rows || p.loss != 0) text += "  loss " + fixed(p.loss, 4);
  if (p.score) text += "  " + p.score_name + " " + fixed(*p.score, 4);
  if (p.best_score) text += " (best " + fixed(*p.best_score, 4) + ")";
  if (knows_rows) text += "  " + short_count(p.rows_per_second) + " rows/s";
  text += "  " + (p.energy.value ? to_text(*p.energy.value) : "at most " + to_text(p.energy.hi));
  if (p.eta) {
    const Duration whole = std::chrono::ceil<std::chrono::seconds>(*p.eta);
    text += "  ETA " + to_text(whole);
  }
  if (width > 0 && text.size() > width) text.resize(width);
  return text;
}

void FitLines::close_line() {
  if (open_) std::fputs("\r\033[K", out_);
  open_ = false;
}

void FitLines::print(const std::string& text) {
  close_line();
  std::fputs((text + "\n").c_str(), out_);
  std::fflush(out_);
}

void FitLines::detail(const std::string& text) {
  if (how_.detail != nullptr) how_.detail(text);
}

void FitLines::stage(const std::string& name) {
  if (!how_.quiet) print(how_.style.bold("== " + name));
}

void FitLines::tell(const std::string& text) {
  if (!how_.quiet) print("   " + hanging(printable(text), kWidth, 3));
}

void FitLines::reading(const ReadProgress& p) {
  const double now = how_.seconds();
  if (pass_ != p.pass) {
    pass_ = p.pass;
    pass_began_ = now;
  }
  if (how_.quiet || now - began_ < (how_.live ? kFirstRead : kFirstLine)) return;
  if (now - (how_.live ? drawn_ : last_) < (how_.live ? kRedraw : kPlainLine)) return;
  const std::string text =
      reading_text(p, seconds(now - pass_began_), how_.live ? how_.columns - 4 : 0);
  if (!how_.live) {
    print("   " + text);
    last_ = now;
    return;
  }
  std::fprintf(out_, "\r\033[K   %s", text.c_str());
  std::fflush(out_);
  drawn_ = now;
  open_ = true;
}

void FitLines::progress(const FitProgress& p) {
  if (how_.quiet) return;
  const double now = how_.seconds();
  const double since = now - last_;
  const bool early = now - began_ < kFirstLine;
  const bool line =
      how_.live ? p.epoch_finished && since >= kLiveLine && !early : !early && since >= kPlainLine;
  if (line) {
    print("   " + progress_text(p, how_.live ? how_.columns - 4 : 0));
    last_ = now;
  } else if (how_.live) {
    std::fprintf(out_, "\r\033[K   %s", progress_text(p, how_.columns - 4).c_str());
    std::fflush(out_);
    open_ = true;
  }
}

}  // namespace tenbin
