// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/nearest_name.h"
#include "cli/command.h"

namespace tenbin {
namespace {

// Text as roff takes it: its own marks escaped, hyphens that can be copied.
std::string roff(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = i == 0 || text[i - 1] == '\n';
    if (begins && (text[i] == '.' || text[i] == '\'')) out += "\\&";
    if (text[i] == '\\')
      out += "\\e";
    else if (text[i] == '-')
      out += "\\-";
    else
      out += text[i];
  }
  return out;
}

std::string head(std::string_view name, std::string_view doc) {
  std::string title(name);
  for (char& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return ".TH \"" + roff(title) + "\" 1 \"\" \"tenbin " TENBIN_VERSION "\" \"Tenbin\"\n.SH NAME\n" +
         roff(name) + " \\- " + roff(doc) + "\n";
}

std::string section(std::string_view name, const std::string& body) {
  return ".SH " + std::string(name) + "\n" + body;
}

// One entry of a list: its head in bold, then its text.
std::string item(std::string_view name, std::string_view value, std::string_view doc) {
  return ".TP\n\\fB" + roff(name) + "\\fR" + (value.empty() ? "" : " \\fI" + roff(value) + "\\fR") +
         "\n" + roff(doc) + "\n";
}

// Lines as they stand.
std::string verbatim(std::string_view text) {
  return ".nf\n" + roff(text) + (text.ends_with('\n') ? "" : "\n") + ".fi\n";
}

std::string exit_codes() {
  return item("0", "", "Done; every limit holds.") + item("1", "", "The run failed.") +
         item("2", "", "The command line or a setting is wrong.") +
         item("3", "", "The input is not valid.") +
         item("4", "", "This machine lacks something that was asked for.") +
         item("5", "", "A limit or budget was not met.") + item("7", "", "The network failed.") +
         item("130", "", "Interrupted; what was reached is saved.");
}

std::string page(const CommandEntry& entry) {
  std::string flags;
  const auto options = entry.options != nullptr ? entry.options() : std::vector<DescribedOption>{};
  for (const DescribedOption& option : options) {
    const bool shown = !option.default_text.empty() && !option.is_switch;
    flags += item(option_flags(option), option.is_switch ? "" : option.type,
                  option.doc + (shown ? " Default: " + option.default_text + "." : ""));
  }
  for (const CommonFlag& flag : common_flags()) {
    const std::string letter = flag.letter.empty() ? "" : std::string(flag.letter) + ", ";
    flags += item(letter + std::string(flag.name), "", flag.doc);
  }
  return head("tenbin-" + std::string(entry.name), entry.doc) +
         section("SYNOPSIS", verbatim(entry.usage)) +
         section("EXAMPLES", verbatim(entry.examples)) + section("OPTIONS", flags) +
         (entry.more != nullptr ? section("NOTES", verbatim(entry.more())) : "") +
         section("EXIT STATUS", exit_codes()) + section("SEE ALSO", "\\fBtenbin\\fR(1)\n");
}

std::string overview() {
  std::string commands;
  for (const CommandEntry* entry : command_catalogue()) {
    commands += item("tenbin-" + std::string(entry->name) + "(1)", "", entry->doc);
  }
  return head("tenbin", "train, shrink, serve and watch models within limits") +
         section("SYNOPSIS", verbatim("tenbin COMMAND [...]")) + section("COMMANDS", commands) +
         section("EXIT STATUS", exit_codes()) +
         section("ENVIRONMENT",
                 item("TENBIN_NAME", "", "Sets the option --name; see tenbin-config(1).") +
                     item("NO_COLOR, TENBIN_NO_COLOR", "", "No colour."));
}

int run(int argc, char** argv) {
  std::vector<DescribedOption> none;
  Arguments arguments;
  if (const auto done = begin_command("man", argc, argv, none, arguments)) return *done;
  const auto& words = arguments.words;
  if (words.size() > 1) return report_words(arguments, "at most one command", "tenbin man fit");
  const CommandEntry* entry = words.empty() ? nullptr : find_command(words[0]);
  if (!words.empty() && entry == nullptr) {
    std::vector<std::string> names;
    for (const CommandEntry* each : command_catalogue()) names.emplace_back(each->name);
    return report(
        Error(ErrorCode::kUnknownOption, "unknown command '" + words[0] + "': " + one_of(names),
              "command line", "tenbin man without a name is the page of all commands"),
        arguments.json);
  }
  std::string text = entry == nullptr ? overview() : page(*entry);
  if (arguments.json) {
    const std::string name = entry == nullptr ? "tenbin" : "tenbin-" + words[0];
    text = Json::object({{"schema", "tenbin.man/1"}, {"name", name}, {"roff", text}}).dump() + "\n";
  }
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace

const CommandEntry& cmd_man() {
  static const CommandEntry entry{
      "man",
      "Manual page of a command, as roff for man -l, from the same table as its help.",
      "tenbin man [COMMAND]",
      "  tenbin man fit > tenbin-fit.1\n  tenbin man > tenbin.1",
      run,
      nullptr};
  return entry;
}

}  // namespace tenbin
