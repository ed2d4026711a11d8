// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/options.h"
#include "cli/style.h"

namespace tenbin {

// The words after the command's name.
struct Arguments {
  std::vector<std::string> words;  // not flags
  std::vector<std::string> after;  // behind --
  std::vector<std::string> argv;   // all, for the record
  bool json = false, plain = false, help = false, version = false;
  bool quiet = false, verbose = false, no_color = false, no_input = false, yes = false;
  std::set<std::string> given;  // names of options that stand among the flags
};

// The file of one command in cli/. `run` returns the exit code.
struct CommandEntry {
  std::string_view name;
  std::string_view doc;       // one line
  std::string_view usage;     // "tenbin fit DATA --target NAME [...]"
  std::string_view examples;  // lines, each a command
  int (*run)(int argc, char** argv);
  std::vector<DescribedOption> (*options)();  // for help and completion; may be null
  std::string (*more)() = nullptr;            // lines for the end of the help
};

// All commands of cli/ (written by the build).
std::span<const CommandEntry* const> command_catalogue();
const CommandEntry* find_command(std::string_view name);

// Adds options whose names are not there yet: the first struct that declares a name keeps it.
void join_options(std::vector<DescribedOption>& into, std::vector<DescribedOption> more);

// Whether what exists may be written over. Asks on a terminal ("... Go on? [y/N]"), unless --yes
// answers, --no-input forbids it, or there is nothing at `path`; where nobody can be asked it goes
// on, with a note. Error kInterrupted for any other answer than yes.
Status may_write_over(const std::string& path, const Arguments& arguments);

// A flag that every command has.
struct CommonFlag {
  std::string_view name, letter, doc;
  bool Arguments::*member;
};
std::span<const CommonFlag> common_flags();

// "-o, --output", or the long form alone.
std::string option_flags(const DescribedOption& option);

// Sets options from flags (--name value, --name=value, switches), collects the rest. Unknown flags
// are an error that names the nearest. Lists grow with each use of their flag.
Result<Arguments> parse_arguments(int argc, char** argv, std::vector<DescribedOption>& options);

// What every command begins with: settings of the environment (TENBIN_NAME) and configuration
// files, then flags; help and version are printed. Returns the exit code if that was all, else
// fills `out`. A command with its own words passes the most and the least it takes.
std::optional<int> begin_command(std::string_view name, int argc, char** argv,
                                 std::vector<DescribedOption>& options, Arguments& out);

// Whether --json stands among the flags, for errors before they are understood.
bool asks_for_json(int argc, char** argv);
// Prints the four parts of an error to stderr (as JSON when asked) and gives its exit code.
int report(const Error& error, bool json);
// More or fewer words than the command takes: the error says what was found and expected.
int report_words(const Arguments& arguments, std::string_view expected, std::string_view example);
// Help of a command, from its entry, as text or JSON (tenbin.help/1).
std::string help_text(const CommandEntry& entry);
Json help_json(const CommandEntry& entry);
int print_version(bool json);
// Of the sources that were built ("816d627c01ab-dirty"); empty outside of a Git checkout.
std::string_view build_commit();

// Looks of a standard stream (1 or 2) here, and its style.
Looks looks_of(int stream, const Arguments& arguments);
Style style_of(int stream, const Arguments& arguments);

}  // namespace tenbin
