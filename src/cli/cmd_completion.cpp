// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "cli/command.h"

namespace tenbin {
namespace {

std::string words_of(const CommandEntry& entry) {
  std::string out = "--json --help";
  if (entry.options == nullptr) return out;
  for (const DescribedOption& option : entry.options()) out += " " + option.flag();
  return out;
}

std::string bash() {
  std::string names, cases;
  for (const CommandEntry* entry : command_catalogue()) {
    names += (names.empty() ? "" : " ") + std::string(entry->name);
    cases += "    " + std::string(entry->name) + ") words=\"" + words_of(*entry) + "\" ;;\n";
  }
  return "_tenbin() {\n  local words=\"" + names + "\"\n  case \"${COMP_WORDS[1]}\" in\n" + cases +
         "  esac\n  [ \"$COMP_CWORD\" -eq 1 ] && words=\"" + names +
         "\"\n  COMPREPLY=($(compgen -W \"$words\" -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
         "complete -F _tenbin tenbin\n";
}

std::string fish() {
  std::string out;
  for (const CommandEntry* entry : command_catalogue()) {
    out += "complete -c tenbin -n __fish_use_subcommand -a " + std::string(entry->name) + " -d '" +
           std::string(entry->doc) + "'\n";
    if (entry->options == nullptr) continue;
    for (const DescribedOption& option : entry->options()) {
      out += "complete -c tenbin -n '__fish_seen_subcommand_from " + std::string(entry->name) +
             "' -l " + option.flag().substr(2) + "\n";
    }
  }
  return out;
}

int run(int argc, char** argv) {
  std::vector<DescribedOption> none;
  const auto arguments = parse_arguments(argc, argv, none);
  if (!arguments.ok()) return report(arguments.error(), false);
  const std::string shell = arguments->words.empty() ? "" : arguments->words.front();
  if (shell == "bash") {
    std::fputs(bash().c_str(), stdout);
  } else if (shell == "zsh") {
    std::fputs(("autoload -U +X bashcompinit && bashcompinit\n" + bash()).c_str(), stdout);
  } else if (shell == "fish") {
    std::fputs(fish().c_str(), stdout);
  } else {
    return report(Error(ErrorCode::kMissingArgument,
                        "unknown shell '" + shell + "', expected one of bash, zsh, fish"),
                  arguments->json);
  }
  return 0;
}

}  // namespace

const CommandEntry& cmd_completion() {
  static const CommandEntry entry{"completion",
                                  "Completion script for a shell.",
                                  "tenbin completion bash|zsh|fish",
                                  "  source <(tenbin completion bash)",
                                  run,
                                  nullptr};
  return entry;
}

}  // namespace tenbin
