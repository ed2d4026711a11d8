// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "cli/command.h"

namespace tenbin {
namespace {

int run(int argc, char** argv) {
  std::vector<DescribedOption> none;
  const auto arguments = parse_arguments(argc, argv, none);
  if (!arguments.ok()) return report(arguments.error(), false);
  if (arguments->help) {
    print_help(*find_command("doctor"));
    return 0;
  }
  Json list = Json::array();
  for (const here::Check& check : here::doctor()) {
    if (arguments->json) {
      list.push(Json::object({{"name", check.name},
                              {"ok", check.ok},
                              {"found", check.found},
                              {"remedy", check.remedy}}));
      continue;
    }
    std::printf("%-4s %-32s %s\n", check.ok ? "ok" : "no", check.name.c_str(), check.found.c_str());
    if (!check.remedy.empty()) std::printf("     %-32s to mend: %s\n", "", check.remedy.c_str());
  }
  if (arguments->json) {
    const Json document =
        Json::object({{"schema", "tenbin.doctor/1"}, {"checks", std::move(list)}});
    std::printf("%s\n", document.dump().c_str());
  }
  return 0;
}

}  // namespace

const CommandEntry& cmd_doctor() {
  static const CommandEntry entry{"doctor",
                                  "What this machine can do, and how to mend what it cannot.",
                                  "tenbin doctor [--json]",
                                  "  tenbin doctor",
                                  run,
                                  nullptr};
  return entry;
}

}  // namespace tenbin
