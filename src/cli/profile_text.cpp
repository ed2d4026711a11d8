// SPDX-License-Identifier: Apache-2.0
#include "cli/profile_text.h"

#include <algorithm>

#include "base/units.h"

namespace tenbin {
namespace {

constexpr std::size_t kWidth = 98, kHeaviest = 10, kNameColumns = 28;

std::string percent(const Json& share) {
  return share.is_number() ? to_text(100 * share.as_number(), 2) + " %" : "-";
}

std::string time_text(const Json& value) {
  return value.is_number() ? to_text(seconds(value.as_number())) : "-";
}

std::string joules_text(const Json& value) {
  return value.is_number() ? to_text(joules(value.as_number())) : "unknown";
}

std::string macs_text(const Json& value) {
  return value.is_number() ? short_count(value.as_number()) : "-";
}

std::string joined(const Json& texts, const char* between) {
  std::string out;
  for (const Json& text : texts.items()) out += (out.empty() ? "" : between) + text.as_string();
  return out;
}

// Names of nodes are paths: their end tells more.
std::string shortened(const std::string& text) {
  const std::string shown = printable(text);
  if (columns_of(shown) <= kNameColumns) return shown;
  std::size_t at = shown.size() - (kNameColumns - 2);
  while (at < shown.size() && (static_cast<unsigned char>(shown[at]) & 0xC0U) == 0x80U) ++at;
  return ".." + shown.substr(at);
}

std::string sums(const Json& profile) {
  Columns table("rrrrrrrl");
  table.add({"batch", "p50", "p99", "rows/s", "J/1,000 rows", "MACs", "roofline", "bound"});
  std::string failures, reasons;
  for (const Json& b : profile["batches"].items()) {
    const std::string rows = std::to_string(b["batch"].as_integer());
    if (b.contains("error")) {
      failures += "  batch " + rows + " failed: " + printable(b["error"].as_string()) + "\n";
      continue;
    }
    table.add({rows, time_text(b["seconds_p50"]), time_text(b["seconds_p99"]),
               short_count(b["rows_per_second"].as_number()),
               joules_text(b["joules_per_1000_rows"]["value"]), macs_text(b["macs"]),
               percent(b["roofline_share"]), b["bound"].as_string()});
    if (b.contains("p99_reason")) {
      reasons += "  p99 of batch " + rows + ": " + b["p99_reason"].as_string() + "\n";
    }
    if (b.contains("macs_reason")) {
      reasons +=
          "  MACs of batch " + rows + " unknown: " + printable(b["macs_reason"].as_string()) + "\n";
    }
  }
  return table.aligned() + failures + reasons;
}

std::string nodes_of(const Json& batch, bool all, const Style& style) {
  std::vector<const Json*> order;
  for (const Json& node : batch["nodes"].items()) order.push_back(&node);
  if (order.empty()) {
    return "  nodes: unknown, " + printable(batch["nodes_reason"].as_string()) + "\n";
  }
  const std::size_t count = order.size();
  if (!all) {
    std::stable_sort(order.begin(), order.end(), [](const Json* a, const Json* b) {
      return (*a)["share"].as_number() > (*b)["share"].as_number();
    });
    if (order.size() > kHeaviest) order.resize(kHeaviest);
  }
  Columns table("llrrrrrrlll");
  table.add({"node", "operators", "time", "share", "MACs", "params", "bytes", "roofline", "bound",
             "engine", "kernel"});
  for (const Json* node : order) {
    const Json& n = *node;
    std::string ops = joined(n["ops"], "+");
    if (n["ops"].items().size() > 4) {
      ops = n["ops"].items()[0].as_string() + "+" + std::to_string(n["ops"].items().size() - 1) +
            " more";
    }
    table.add({shortened(n["name"].as_string()), ops, time_text(n["seconds"]), percent(n["share"]),
               macs_text(n["macs"]), short_count(n["parameters"].as_number()),
               to_text(Bytes{n["bytes_moved"].as_integer()}), percent(n["roofline_share"]),
               n["bound"].as_string(), n["engine"].as_string(),
               n["seconds"].is_number() ? printable(joined(n["kernels"], ", ")) : "not run"});
  }
  const std::string rows = std::to_string(batch["batch"].as_integer());
  std::string out = style.bold(all ? "Nodes of batch " + rows
                                   : "Heaviest of " + std::to_string(count) + " at batch " + rows) +
                    ", on one thread\n" + table.aligned();
  if (batch["between_seconds"].is_number()) {
    out += "  between the steps (calls, copies): " + time_text(batch["between_seconds"]) + "\n";
  }
  return out;
}

std::string changes(const Json& profile, const Style& style) {
  std::string out = style.bold("The first things to change") + "\n";
  int number = 0;
  for (const Json& advice : profile["advice"].items()) {
    const std::string line = std::to_string(++number) + ". " + advice["what"].as_string() + ": " +
                             advice["why"].as_string();
    out += "  " + hanging(printable(line), kWidth, 5) + "\n";
  }
  if (number == 0) out += "  nothing is worth one percent of the time\n";
  return out;
}

std::string rate(const Json& peaks, const char* type) {
  const Json& value = peaks[std::string(type) + "_ops_per_second"];
  return std::string(type) + " " +
         (value.is_number() ? short_count(value.as_number()) + "op/s" : std::string("none"));
}

std::string how(const Json& profile, const Style& style) {
  const Json& peaks = profile["peaks"];
  std::string out = style.bold("How it was measured") + "\n";
  const auto line = [&](const std::string& text) {
    out += "  " + hanging(printable(text), kWidth, 4) + "\n";
  };
  line("engine: " + profile["engine"]["name"].as_string() + ", " +
       profile["engine"]["why"].as_string());
  line("inputs: " + profile["inputs_are"].as_string());
  line("energy: " + profile["meter"].as_string());
  std::string text = "peaks of one thread: " + rate(peaks, "fp32") + ", " + rate(peaks, "bf16") +
                     ", " + rate(peaks, "int8");
  for (const Json& level : peaks["levels"].items()) {
    text += ", " + level["name"].as_string() + " " +
            to_text(Bytes{static_cast<std::int64_t>(level["bytes_per_second"].as_number())}) + "/s";
  }
  line(text + "; measured " + peaks["measured"].as_string() + ", spread up to " +
       percent(peaks["noise"]) +
       (peaks["from_cache"].as_bool() ? ", kept (--measure-peak measures anew)" : ""));
  if (peaks.contains("note")) line("peaks: measured now, " + peaks["note"].as_string());
  for (const Json& note : profile["notes"].items()) line("note: " + note.as_string());
  if (profile.contains("report")) line("report: " + profile["report"].as_string());
  return out;
}

}  // namespace

std::string profile_text(const Json& profile, bool all, const Style& style) {
  const Json& model = profile["model"];
  std::string out =
      style.bold(wrapped(printable(profile["verdict"].as_string()), kWidth, 2)) + "\n";
  if (model["macs"].is_number()) {
    const std::int64_t rows = model["counted_rows"].as_integer(1);
    out += "  " + full_count(model["parameters"].as_integer()) + " parameters; " +
           (rows == 1 ? std::string("a row") : std::to_string(rows) + " rows") + ": " +
           to_text(Macs{model["macs"].as_integer()}) + ", MACs/parameter " +
           to_text(model["macs_per_parameter"].as_number()) + ", activations of at most " +
           to_text(Bytes{model["peak_activation_bytes"].as_integer()}) + "\n";
  }
  out += "\n" + sums(profile);
  bool first = true;
  for (const Json& batch : profile["batches"].items()) {
    if (batch.contains("error") || !(first || all)) continue;
    out += "\n" + nodes_of(batch, all, style);
    first = false;
  }
  return out + "\n" + changes(profile, style) + "\n" + how(profile, style);
}

std::string profile_plain(const Json& profile) {
  Columns table("lllllllllllll");
  for (const Json& batch : profile["batches"].items()) {
    for (const Json& n : batch["nodes"].items()) {
      table.add({batch["batch"].dump(), printable(n["name"].as_string()), joined(n["ops"], "+"),
                 n["seconds"].dump(), n["share"].dump(), n["joules"].dump(), n["macs"].dump(),
                 n["parameters"].dump(), n["bytes_moved"].dump(), n["roofline_share"].dump(),
                 n["bound"].as_string(), n["engine"].as_string(),
                 printable(joined(n["kernels"], ","))});
    }
  }
  return table.tabbed();
}

}  // namespace tenbin
