// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/nearest_name.h"
#include "cli/command.h"

namespace tenbin {
namespace {

int run(int argc, char** argv) {
  std::vector<DescribedOption> none;
  const auto arguments = parse_arguments(argc, argv, none);
  if (!arguments.ok()) return report(arguments.error(), false);
  if (arguments->help || arguments->words.empty()) {
    for (const ErrorEntry& entry : error_catalogue()) {
      std::printf("%s  exit %-3d %s\n", error_label(entry.code).c_str(), exit_code(entry.cause),
                  std::string(entry.title).c_str());
    }
    return 0;
  }
  std::vector<std::string> labels;
  for (const ErrorEntry& entry : error_catalogue()) {
    labels.push_back(error_label(entry.code));
    if (labels.back() != arguments->words.front()) continue;
    std::printf("%s: %s\n\n%s\n\ncause %s, exit code %d\n", labels.back().c_str(),
                std::string(entry.title).c_str(), std::string(entry.text).c_str(),
                std::string(cause_name(entry.cause)).c_str(), exit_code(entry.cause));
    return 0;
  }
  const auto near = nearest_names(arguments->words.front(), labels);
  return report(Error(ErrorCode::kUnknownOption, "no error '" + arguments->words.front() +
                                                     "': " + one_of(near.empty() ? labels : near)),
                arguments->json);
}

}  // namespace

const CommandEntry& cmd_explain() {
  static const CommandEntry entry{"explain",
                                  "What an error code means and how to mend it, offline.",
                                  "tenbin explain [CODE]",
                                  "  tenbin explain E0304",
                                  run,
                                  nullptr};
  return entry;
}

}  // namespace tenbin
