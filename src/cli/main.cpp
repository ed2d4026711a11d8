// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "app/serve/model_worker.h"
#include "base/nearest_name.h"
#include "cli/command.h"
#include "cli/verbose.h"

namespace tenbin {
namespace {

void print_short_help() {
  std::printf("tenbin %s: trains, shrinks, serves and watches models within your limits\n\n",
              TENBIN_VERSION);
  if (find_command("fit") != nullptr) {
    std::printf("  tenbin fit data.csv --target label --limit time=5min\n");
    std::printf("  tenbin meter --budget 2kJ,30s -- python3 train.py\n");
  } else {  // the edge build
    std::printf("  tenbin-edge serve model.onnx\n");
  }
  std::printf("\nCommands:\n");
  for (const CommandEntry* entry : command_catalogue()) {
    std::printf("  %-12s %s\n", std::string(entry->name).c_str(), std::string(entry->doc).c_str());
  }
  std::printf("\n`tenbin COMMAND --help` shows flags and examples.\n");
  std::printf("%s: `tenbin explain CODE`.\n", find_command("man") != nullptr
                                                  ? "Offline docs: `tenbin man | man -l -`, errors"
                                                  : "Errors");
}

int unknown_command(std::string_view word, bool json) {
  std::vector<std::string> names;
  for (const CommandEntry* entry : command_catalogue()) names.emplace_back(entry->name);
  names.emplace_back("--help");
  names.emplace_back("--version");
  const auto near = nearest_names(word, names);
  return report(
      Error(ErrorCode::kUnknownOption,
            "unknown command '" + std::string(word) + "': " + one_of(near.empty() ? names : near),
            "command line",
            near.empty() ? "tenbin --help lists the commands"
                         : "did you mean: tenbin " + near.front()),
      json);
}

int run(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "--help";
  if (first == "--help" || first == "-h" || first == "help") {
    const bool names = argc > 2 && argv[argc - 1][0] != '-';  // help --json VERB too
    const CommandEntry* asked = names ? find_command(argv[argc - 1]) : nullptr;
    if (names && asked == nullptr)
      return unknown_command(argv[argc - 1], asks_for_json(argc, argv));
    if (asked == nullptr) {
      print_short_help();
    } else {
      std::fputs(help_text(*asked).c_str(), stdout);
    }
    return 0;
  }
  const bool json = asks_for_json(argc, argv);
  if (first == "--version" || first == "-V") return print_version(json);
  if (first == "--json" && argc > 2) {
    const std::string_view second = argv[2];
    if (second == "--version" || second == "-V") return print_version(true);
  }
  // Not for people: a server starts itself so, to compute beside it.
  if (first == kWorkerVerb && argc == 2) {
    here::watch_interrupts();  // its server ends it, once what it took is answered
    return here::model_worker();
  }
  if (const CommandEntry* entry = find_command(first)) {
    here::watch_interrupts();
    const int code = entry->run(argc, argv);
    end_verbose(code);
    return code;
  }
  return unknown_command(first, json);
}

// What was printed must have arrived; a reader that left (head) wanted no more.
int close_output(int code) {
  const bool failed = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (!failed || here::reader_left(1)) return code;
  const int failure = report(Error(ErrorCode::kIo, "writing to standard output failed",
                                   "standard output", "give it a file or a terminal with room"),
                             false);
  return code == 0 ? failure : code;
}

}  // namespace
}  // namespace tenbin

int main(int argc, char** argv) {
  tenbin::here::occupy_closed_streams();
  return tenbin::close_output(tenbin::run(argc, argv));
}
