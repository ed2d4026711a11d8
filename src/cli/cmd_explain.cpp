// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/nearest_name.h"
#include "cli/command.h"

namespace tenbin {
namespace {

Json json_of(const ErrorEntry& entry) {
  return Json::object({{"code", error_label(entry.code)},
                       {"cause", cause_name(entry.cause)},
                       {"exit_code", exit_code(entry.cause)},
                       {"title", entry.title},
                       {"text", entry.text}});
}

int print_all(const Arguments& arguments) {
  Json list = Json::array();
  Columns table("lrl");
  if (!arguments.plain) table.add({"code", "exit", "meaning"});
  for (const ErrorEntry& entry : error_catalogue()) {
    list.push(json_of(entry));
    table.add({error_label(entry.code), std::to_string(exit_code(entry.cause)),
               std::string(entry.title)});
  }
  const Json document = Json::object({{"schema", "tenbin.explain/1"}, {"errors", std::move(list)}});
  const std::string text = arguments.json    ? document.dump() + "\n"
                           : arguments.plain ? table.tabbed()
                                             : table.aligned(0);
  std::fputs(text.c_str(), stdout);
  return 0;
}

int print_one(const ErrorEntry& entry, bool json) {
  if (json) {
    const Json document = Json::object(
        {{"schema", "tenbin.explain/1"}, {"errors", Json(Json::Array{json_of(entry)})}});
    std::printf("%s\n", document.dump().c_str());
    return 0;
  }
  std::printf("%s: %s\n\n%s\n\ncause %s, exit code %d\n", error_label(entry.code).c_str(),
              std::string(entry.title).c_str(), wrapped(entry.text, 90, 0).c_str(),
              std::string(cause_name(entry.cause)).c_str(), exit_code(entry.cause));
  return 0;
}

// "e0304", "E304" and "304" mean E0304.
std::string label_of(std::string word) {
  if (!word.empty() && (word.front() == 'e' || word.front() == 'E')) word.erase(0, 1);
  while (word.size() < 4) word.insert(0, "0");
  return "E" + word;
}

int run(int argc, char** argv) {
  std::vector<DescribedOption> none;
  Arguments arguments;
  if (const auto done = begin_command("explain", argc, argv, none, arguments)) return *done;
  if (arguments.words.empty()) return print_all(arguments);
  if (arguments.words.size() > 1)
    return report_words(arguments, "one code", "tenbin explain E0304");
  std::vector<std::string> labels;
  for (const ErrorEntry& entry : error_catalogue()) {
    labels.push_back(error_label(entry.code));
    if (labels.back() == label_of(arguments.words.front())) return print_one(entry, arguments.json);
  }
  const auto near = nearest_names(arguments.words.front(), labels);
  return report(Error(ErrorCode::kUnknownOption,
                      "unknown error code '" + arguments.words.front() +
                          "': " + one_of(near.empty() ? labels : near),
                      {}, "tenbin explain lists them all"),
                arguments.json);
}

}  // namespace

const CommandEntry& cmd_explain() {
  static const CommandEntry entry{"explain",
                                  "What an error code means and how to mend it, offline.",
                                  "tenbin explain [CODE] [--json]",
                                  "  tenbin explain E0304\n  tenbin explain",
                                  run,
                                  nullptr};
  return entry;
}

}  // namespace tenbin
