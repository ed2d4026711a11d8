// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstring>

#include "app/here.h"
#include "base/nearest_name.h"
#include "cli/command.h"

namespace tenbin {
namespace {

void print_short_help() {
  std::printf("tenbin %s: trains, shrinks, serves and watches models within your limits\n\n",
              TENBIN_VERSION);
  std::printf("  tenbin fit data.csv --target label --limit time=5min\n");
  std::printf("  tenbin meter --budget 2kJ,30s -- python3 train.py\n\nCommands:\n");
  for (const CommandEntry* entry : command_catalogue()) {
    std::printf("  %-12s %s\n", std::string(entry->name).c_str(), std::string(entry->doc).c_str());
  }
  std::printf("\n`tenbin COMMAND --help` shows flags and examples.\n");
}

int print_version(bool json) {
  if (json) {
    const Json version = Json::object(
        {{"schema", "tenbin.version/1"}, {"version", TENBIN_VERSION}, {"compiler", __VERSION__}});
    std::printf("%s\n", version.dump().c_str());
  } else {
    std::printf("tenbin %s\n", TENBIN_VERSION);
  }
  return 0;
}

int run(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "--help";
  if (first == "--help" || first == "-h") {
    print_short_help();
    return 0;
  }
  const bool json = argc > 2 && std::strcmp(argv[argc - 1], "--json") == 0;
  if (first == "--version" || first == "-V") return print_version(json);
  if (const CommandEntry* entry = find_command(first)) {
    here::watch_interrupts();
    return entry->run(argc, argv);
  }
  std::vector<std::string> names;
  for (const CommandEntry* entry : command_catalogue()) names.emplace_back(entry->name);
  const auto near = nearest_names(first, names);
  return report(Error(ErrorCode::kUnknownOption, "unknown command '" + std::string(first) +
                                                     "': " + one_of(near.empty() ? names : near)),
                json);
}

}  // namespace
}  // namespace tenbin

int main(int argc, char** argv) {
  const int code = tenbin::run(argc, argv);
  std::fflush(stdout);
  return code;
}
