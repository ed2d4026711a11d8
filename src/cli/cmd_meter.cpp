// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "cli/command.h"

namespace tenbin {
namespace {

std::vector<DescribedOption> meter_options(MeterCommandOptions& o) {
  std::vector<DescribedOption> out = described(o);
  for (auto more : {described(o.meter), described(o.prices)}) {
    for (DescribedOption& option : more) out.push_back(std::move(option));
  }
  return out;
}

std::vector<DescribedOption> options_for_help() {
  static MeterCommandOptions defaults;
  return meter_options(defaults);
}

int run(int argc, char** argv) {
  MeterCommandOptions options;
  std::vector<DescribedOption> flags = meter_options(options);
  Arguments arguments;
  if (const auto done = begin_command("meter", argc, argv, flags, arguments)) return *done;
  options.command = arguments.after.empty() ? arguments.words : arguments.after;
  if (options.command.empty()) {
    return report_words(arguments, "a command behind --", "tenbin meter -- python3 train.py");
  }
  const auto outcome = here::meter(options, {});
  if (!outcome.ok()) {
    const int code = report(outcome.error(), arguments.json);
    const bool started = outcome.error().code() != ErrorCode::kCommandFailed &&
                         outcome.error().code() != ErrorCode::kNotExecutable;
    return started ? code : not_started_code(outcome.error());
  }
  if (arguments.json) {
    std::fprintf(stdout, "%s\n", to_json(*outcome).dump().c_str());
  } else {
    if (!arguments.quiet) std::fputs(to_text(*outcome).c_str(), stderr);
  }
  return outcome->process_exit();
}

}  // namespace

const CommandEntry& cmd_meter() {
  static const CommandEntry entry{
      "meter",
      "Joules, money, CO2e and bytes of a command and its children; stops it at a budget.",
      "tenbin meter [--budget 2kJ,30s] [--interval 100ms] [--json] -- COMMAND...",
      "  tenbin meter -- python3 train.py\n  tenbin meter --budget 2kJ,30s -- python3 train.py",
      run,
      options_for_help};
  return entry;
}

}  // namespace tenbin
