// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "base/nearest_name.h"
#include "cli/command.h"
#include "cli/settings.h"

namespace tenbin {
namespace {

struct ConfigFlags {
  bool origin = false;
  template <class Fields> static void describe(Fields& f) {
    f("origin", &ConfigFlags::origin, "Show where each value came from, defaults included.");
  }
};

std::vector<DescribedOption> options_for_help() {
  static ConfigFlags defaults;
  return described(defaults);
}

// One command's options with their values and origins, as they are without flags.
Result<Json> values_of(const CommandEntry& entry) {
  TENBIN_TRY(const Settings settings, read_settings(std::string(entry.name)));
  std::vector<DescribedOption> options = entry.options();
  Json out = Json::object();
  for (const DescribedOption& option : options) {
    const auto found = settings.find(option.name);
    const bool set = found != settings.end();
    out.set(option.name,
            Json::object({{"value", set ? found->second.value : option.default_text},
                          {"origin", set ? found->second.origin : std::string("default")}}));
  }
  return out;
}

Result<Json> document_of(const std::string& only) {
  Json files = Json::array();
  for (const std::string& path : config_paths()) {
    TENBIN_TRY(const auto text, here::text_if_present(path));
    files.push(Json::object({{"path", path}, {"found", text.has_value()}}));
  }
  Json commands = Json::object();
  for (const CommandEntry* entry : command_catalogue()) {
    if (entry->options == nullptr || (!only.empty() && entry->name != only)) continue;
    TENBIN_TRY(Json values, values_of(*entry));
    commands.set(std::string(entry->name), std::move(values));
  }
  return Json::object({{"schema", "tenbin.config/1"},
                       {"files", std::move(files)},
                       {"commands", std::move(commands)}});
}

std::string text_of(const Json& document, bool all, bool plain) {
  std::string out;
  for (const Json& file : document["files"].items()) {
    if (plain) break;
    out += std::string(file["found"].as_bool() ? "read      " : "not there ") +
           file["path"].as_string() + "\n";
  }
  Columns table("lll");
  for (const auto& [command, values] : document["commands"].members()) {
    const std::string prefix = command + ".";
    for (const auto& [name, value] : values.members()) {
      const std::string& origin = value["origin"].as_string();
      if (!all && origin == "default") continue;
      table.add({prefix + name, printable(value["value"].as_string()), origin});
    }
  }
  if (plain) return table.tabbed();
  if (table.empty()) return out + "nothing is set: all values are defaults (--origin lists them)\n";
  return out + table.aligned(0);
}

int run(int argc, char** argv) {
  ConfigFlags flags_;
  std::vector<DescribedOption> flags = described(flags_);
  Arguments arguments;
  if (const auto done = begin_command("config", argc, argv, flags, arguments)) return *done;
  std::vector<std::string> words = arguments.words;
  if (!words.empty() && words.front() == "show") words.erase(words.begin());
  if (words.size() > 1) {
    return report_words(arguments, "at most one command", "tenbin config show fit --origin");
  }
  const std::string only = words.empty() ? "" : words.front();
  if (!only.empty() && find_command(only) == nullptr) {
    std::vector<std::string> names;
    for (const CommandEntry* entry : command_catalogue()) names.emplace_back(entry->name);
    const auto near = nearest_names(only, names);
    return report(Error(ErrorCode::kUnknownOption,
                        "unknown command '" + only + "': " + one_of(near.empty() ? names : near)),
                  arguments.json);
  }
  const auto document = document_of(only);
  if (!document.ok()) return report(document.error(), arguments.json);
  const std::string text =
      arguments.json ? document->dump() + "\n" : text_of(*document, flags_.origin, arguments.plain);
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace

const CommandEntry& cmd_config() {
  static const CommandEntry entry{
      "config",
      "What is set by configuration files and the environment, and where.",
      "tenbin config [show] [COMMAND] [--origin] [--json]",
      "  tenbin config show --origin\n  tenbin config show fit",
      run,
      options_for_help};
  return entry;
}

}  // namespace tenbin
