// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "cli/command.h"

namespace tenbin {
namespace {

struct LedgerFlags {
  std::string run;
  int last = 0;
  bool events = false;
  template <class Fields> static void describe(Fields& f) {
    f("run", &LedgerFlags::run, "Only the run whose id begins so.");
    f("last", &LedgerFlags::last, "Only the newest so many runs [0: all].");
    f("events", &LedgerFlags::events, "Events too: epochs, checkpoints.");
  }
};

std::vector<DescribedOption> options_for_help() {
  static LedgerFlags defaults;
  return described(defaults);
}

// Lines `ledger, run, kind, stage, seconds, cpu seconds, joules, money, currency`, tab-separated.
std::string plain_text(const Json& document) {
  Columns table("lllllllll");
  for (const Json& file : document["ledgers"].items()) {
    for (const Json& one : file["runs"].items()) {
      for (const Json& stage : one["stages"].items()) {
        const Json& money = stage["money"];
        table.add({file["path"].as_string(), one["id"].as_string(), one["kind"].as_string(),
                   stage["name"].as_string(), stage["seconds"].dump(), stage["cpu_seconds"].dump(),
                   stage["energy"]["joules"].dump(), money["amount"].dump(),
                   money["currency"].as_string()});
      }
    }
  }
  return table.tabbed();
}

int run(int argc, char** argv) {
  LedgerFlags flags_;
  std::vector<DescribedOption> flags = described(flags_);
  Arguments arguments;
  if (const auto done = begin_command("ledger", argc, argv, flags, arguments)) return *done;
  if (arguments.words.size() > 1) {
    return report_words(arguments, "at most one folder or ledger file", "tenbin ledger demo/");
  }
  const std::string path = arguments.words.empty() ? "." : arguments.words.front();
  const auto view = here::ledger(path, {flags_.run, flags_.last});
  if (!view.ok()) return report(view.error(), arguments.json);
  const std::string text = arguments.json    ? to_json(*view).dump() + "\n"
                           : arguments.plain ? plain_text(to_json(*view))
                                             : to_text(*view, flags_.events);
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace

const CommandEntry& cmd_ledger() {
  static const CommandEntry entry{
      "ledger",
      "Where the joules, the seconds and the money went, stage by stage.",
      "tenbin ledger [FOLDER or FILE] [--run ID] [--last N] [--events] [--json]",
      "  tenbin ledger demo/\n  tenbin ledger out/ --last 1 --events\n  tenbin ledger out/ --json",
      run,
      options_for_help};
  return entry;
}

}  // namespace tenbin
