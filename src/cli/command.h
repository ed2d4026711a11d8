// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/options.h"

namespace tenbin {

// The words after the command's name.
struct Arguments {
  std::vector<std::string> words;  // not flags
  std::vector<std::string> after;  // behind --
  std::vector<std::string> argv;   // all, for the record
  bool json = false, help = false, quiet = false, no_color = false;
};

// The file of one command in cli/. `run` returns the exit code.
struct CommandEntry {
  std::string_view name;
  std::string_view doc;       // one line
  std::string_view usage;     // "tenbin fit DATA --target NAME [...]"
  std::string_view examples;  // lines
  int (*run)(int argc, char** argv);
  std::vector<DescribedOption> (*options)();  // for help and completion; may be null
};

// All commands of cli/ (written by the build).
std::span<const CommandEntry* const> command_catalogue();
const CommandEntry* find_command(std::string_view name);

// Adds options whose names are not there yet: the first struct that declares a name keeps it.
void join_options(std::vector<DescribedOption>& into, std::vector<DescribedOption> more);

// Sets options from flags (--name value, --name=value, switches), collects the rest. Unknown flags
// are an error that names the nearest. Lists grow with each use of their flag.
Result<Arguments> parse_arguments(int argc, char** argv, std::vector<DescribedOption>& options);

// Prints the four parts of an error to stderr (as JSON when asked) and gives its exit code.
int report(const Error& error, bool json);
// Help of a command, from its entry.
void print_help(const CommandEntry& entry);
// Text with control bytes made visible, so that data cannot drive the terminal.
std::string printable(std::string_view text);

}  // namespace tenbin
