// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/options.h"

namespace tenbin {

// A value from outside the command line, and where it came from.
struct Setting {
  std::string value;   // lists are joined by commas, as their flag takes them
  std::string origin;  // "tenbin.yaml:3" or "environment TENBIN_SEED"
};
using Settings = std::map<std::string, Setting>;  // by option name, snake_case

// One configuration file: a strict part of YAML. Sections named after commands, in them
// `name: value`, two blanks deep; values are plain, quoted, or [lists]. Comments begin with #.
// Error kBadConfig with line and column: unknown or duplicate names (the nearest is named), tabs,
// other nesting. `path` is for messages and origins.
struct ConfigFile {
  std::map<std::string, Settings> commands;
};
Result<ConfigFile> parse_config(std::string_view text, const std::string& path);

// Where configuration is looked for, the weakest first: /etc/tenbin/config.yaml, the user's, the
// project's tenbin.yaml.
std::vector<std::string> config_paths();

// The settings of a command: files in that order, then TENBIN_NAME of the environment; the later
// replaces the earlier. Flags come after all of them.
Result<Settings> read_settings(const std::string& command);
// Sets the options that have a setting. An error names the origin.
Status apply_settings(const Settings& settings, std::vector<DescribedOption>& options);

}  // namespace tenbin
