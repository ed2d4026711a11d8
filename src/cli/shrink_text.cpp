// SPDX-License-Identifier: Apache-2.0
#include "cli/shrink_text.h"

#include "base/units.h"

namespace tenbin {
namespace {

constexpr std::size_t kWidth = 98;

std::string points(const Json& share) {
  char text[32];
  const double value = share.as_number() == 0 ? 0 : -100 * share.as_number();
  std::snprintf(text, sizeof text, "%+.2f", value);
  return text;
}

std::string times(const Json& proven) {
  if (!proven.is_object()) return "unknown";
  return to_text(proven["value"].as_number(), 3) +
         "x (95 %: " + to_text(proven["low"].as_number(), 3) + " to " +
         to_text(proven["high"].as_number(), 3) + ")";
}

std::string tried(const Json& shrink, const Style& style) {
  Columns table("lrrrrl");
  table.add({"", "a run", "faster", "file", "change [pt]", ""});
  std::string reasons;
  for (const Json& a : shrink["attempts"].items()) {
    const std::string name = printable(a["name"].as_string());
    if (a.contains("failed")) {
      table.add({name, "-", "-", "-", "-", style.bad("failed")});
    } else {
      table.add({name, to_text(seconds(a["seconds"].as_number())),
                 to_text(a["times_faster"].as_number(), 3) + "x",
                 to_text(Bytes{a["model"]["size_bytes"].as_integer()}),
                 points(a["choose"]["drop"]["value"]),
                 a["shipped"].as_bool() ? style.good("shipped") : std::string("not shipped")});
    }
    if (a.contains("failed")) {
      reasons += "  " + hanging(name + ": " + printable(a["failed"].as_string()), kWidth, 4) + "\n";
    } else if (a.contains("why_not")) {
      reasons +=
          "  " + hanging(name + ": " + printable(a["why_not"].as_string()), kWidth, 4) + "\n";
    }
  }
  return style.bold("Tried") + " (change of " + shrink["original"]["score_name"].as_string() +
         " on the rows to choose by)\n" + table.aligned() + reasons;
}

std::string beside(const Json& shrink) {
  const Json& b = shrink["beside"];
  if (b.contains("reason")) return "  not measured: " + b["reason"].as_string() + "\n";
  std::string out =
      "  " + times(b["times_faster_than_original_there"]) + " faster than the original there\n  " +
      times(b["times_faster_than_same_file_there"]) + " faster than the same file there\n";
  if (b["equal_labels"].is_number()) {
    out += "  " + to_text(100 * b["equal_labels"].as_number(), 4) +
           " % of the labels are equal there and here\n";
  }
  return out;
}

}  // namespace

std::string shrink_text(const Json& shrink, const Style& style) {
  std::string out = style.bold(hanging(printable(shrink["verdict"].as_string()), kWidth, 0)) + "\n";
  if (!shrink.contains("attempts")) {  // a repeated proof
    return out + "  promised: " + shrink["promised"].as_string() +
           "\n  now: " + times(shrink["proof"]["times_faster"]) + " faster, " +
           points(shrink["proof"]["answers"]["drop"]["value"]) + " pt\n";
  }
  out += "\n" + tried(shrink, style);
  const Json& files = shrink["files"];
  if (files.contains("model")) {
    out += "\n" + style.bold("In ONNX Runtime") + "\n" + beside(shrink);
    out += "\n" + style.bold("Files") + "\n";
    for (const auto& [name, path] : files.members()) {
      out += "  " + padded(name, 10) + path.as_string() + "\n";
    }
  }
  return out;
}

std::string shrink_plain(const Json& shrink) {
  Columns table("llllll");
  const auto number = [](const Json& value) {
    return value.is_number() ? to_text(value.as_number(), 9) : std::string();
  };
  table.add({"name", "shipped", "seconds", "bytes", "times_faster", "drop"});
  for (const Json& a : shrink["attempts"].items()) {
    table.add({a["name"].as_string(), a["shipped"].as_bool() ? "1" : "0", number(a["seconds"]),
               number(a["model"]["size_bytes"]), number(a["times_faster"]),
               number(a["choose"]["drop"]["value"])});
  }
  return table.tabbed();
}

}  // namespace tenbin
