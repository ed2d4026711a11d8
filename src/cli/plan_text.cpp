// SPDX-License-Identifier: Apache-2.0
#include "cli/plan_text.h"

#include "base/units.h"

namespace tenbin {
namespace {

constexpr std::size_t kWidth = 98;

struct Line {
  std::string section, name, value;
};

// A word is itself, a number its digits.
std::string shown(const Json& value) {
  if (value.is_string()) return value.as_string();
  return value.is_number() ? full_count(value.as_integer()) : value.dump();
}

std::vector<Line> lines_of(const Json& plan) {
  std::vector<Line> out;
  const Json& data = plan["data"];
  for (const char* name : {"path", "format", "rows", "columns", "task", "target", "rows_train",
                           "rows_valid", "rows_test", "split", "features"}) {
    std::string words = name;
    if (const auto at = words.find('_'); at != std::string::npos) words[at] = ' ';
    out.push_back({"data", words, shown(data[name])});
  }
  for (const Json& one : plan["learners"].items()) {
    const bool trees = one["learner"].as_string() == "trees";
    out.push_back({"learner", one["name"].as_string(),
                   "at most " + shown(one["most_epochs"]) + (trees ? " rounds" : " epochs")});
  }
  for (const Json& limit : plan["limits"].items()) {
    out.push_back({"limit", limit["name"].as_string(),
                   limit["limit"].as_string() + ": " + limit["doc"].as_string()});
  }
  for (const Json& file : plan["output"]["files"].items()) {
    out.push_back({"output", file["path"].as_string(),
                   file["exists"].as_bool() ? "exists" : "would be made"});
  }
  return out;
}

const char* head_of(const std::string& section) {
  if (section == "data") return "Data";
  if (section == "learner") return "Learners";
  return section == "limit" ? "Limits" : "Output";
}

}  // namespace

std::string plan_text(const Json& plan, const Style& style) {
  std::string out = style.bold("Dry run: nothing is trained and nothing is written") + "\n";
  const std::vector<Line> lines = lines_of(plan);
  std::size_t widest = 0;
  for (const Line& line : lines) widest = std::max(widest, columns_of(printable(line.name)));
  std::string section;
  for (const Line& line : lines) {
    if (line.section != section) {
      section = line.section;
      out += style.bold(head_of(section));
      if (section == "learner") out += " (" + plan["choice"].as_string() + ")";
      out += "\n";
    }
    out += "  " + padded(printable(line.name), widest) + "  " +
           hanging(printable(line.value), kWidth, widest + 4) + "\n";
  }
  if (plan["limits"].items().empty()) out += style.bold("Limits") + "\n  none\n";
  return out + style.bold("Next") + "\n  " + printable(plan["next"].items().front().as_string()) +
         "\n";
}

std::string plan_plain(const Json& plan) {
  Columns table("lll");
  for (const Line& line : lines_of(plan)) table.add({line.section, line.name, line.value});
  return table.tabbed();
}

}  // namespace tenbin
