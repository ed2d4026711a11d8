// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "cli/command.h"

namespace tenbin {
namespace {

struct LedgerFlags {
  std::string run;
  int last = 0;
  template <class Fields> static void describe(Fields& f) {
    f("run", &LedgerFlags::run, "Only the run whose id begins so.");
    f("last", &LedgerFlags::last, "Only the newest so many runs [0: all].");
  }
};

std::vector<DescribedOption> options_for_help() {
  static LedgerFlags defaults;
  return described(defaults);
}

int run(int argc, char** argv) {
  LedgerFlags flags_;
  std::vector<DescribedOption> flags = described(flags_);
  const auto arguments = parse_arguments(argc, argv, flags);
  if (!arguments.ok()) return report(arguments.error(), false);
  if (arguments->help) {
    print_help(*find_command("ledger"));
    return 0;
  }
  const std::string path = arguments->words.empty() ? "." : arguments->words.front();
  const auto view = here::ledger(path, {flags_.run, flags_.last});
  if (!view.ok()) return report(view.error(), arguments->json);
  const std::string text = arguments->json ? to_json(*view).dump() + "\n" : to_text(*view);
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace

const CommandEntry& cmd_ledger() {
  static const CommandEntry entry{
      "ledger",
      "Where the joules, the seconds and the money went, stage by stage.",
      "tenbin ledger [FOLDER or FILE] [--run ID] [--last N] [--json]",
      "  tenbin ledger demo/\n  tenbin ledger --json",
      run,
      options_for_help};
  return entry;
}

}  // namespace tenbin
