// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <algorithm>
#include <cctype>

#include "app/here.h"
#include "base/nearest_name.h"
#include "cli/command.h"

namespace tenbin {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// Up to a comment, which begins with # after a blank, outside quotes.
std::string_view without_comment(std::string_view line) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#' && (i == 0 || line[i - 1] == ' ')) {
      return line.substr(0, i);
    }
  }
  return line;
}

std::string snake(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

std::vector<std::string> option_names(const CommandEntry& entry) {
  std::vector<std::string> names;
  if (entry.options == nullptr) return names;
  for (const DescribedOption& option : entry.options()) names.push_back(option.name);
  return names;
}

class ConfigReader {
 public:
  explicit ConfigReader(const std::string& path) : path_(path) {}
  Status line(std::string_view text);
  ConfigFile file;

 private:
  Error wrong(std::size_t column, std::string message, std::string hint = {}) const {
    return Error(ErrorCode::kBadConfig, std::move(message),
                 path_ + ":" + std::to_string(number_) + ":" + std::to_string(column + 1),
                 hint.empty() ? "a section is a command, e.g. 'fit:', and below it '  seed: 3'"
                              : std::move(hint));
  }
  Status section(std::string_view name);
  Status member(std::string_view name, std::string_view value, std::size_t column);
  Result<std::string> scalar(std::string_view text, std::size_t column) const;
  Result<std::string> value_of(std::string_view text, std::size_t column) const;

  std::string path_;
  std::size_t number_ = 0;
  const CommandEntry* command_ = nullptr;
};

Status ConfigReader::line(std::string_view text) {
  ++number_;
  const std::size_t tab = text.find('\t');
  if (tab != text.npos) return wrong(tab, "found a tab, expected blanks");
  const std::string_view body = trimmed(without_comment(text));
  if (body.empty()) return {};
  const std::size_t depth = text.find_first_not_of(' ');
  const std::size_t colon = body.find(':');
  if (colon == body.npos) {
    return wrong(depth, "found '" + std::string(body) + "', expected 'name: value'");
  }
  const std::string_view name = trimmed(body.substr(0, colon));
  const std::string_view value = trimmed(body.substr(colon + 1));
  if (depth == 0 && value.empty()) return section(name);
  if (depth == 0) return wrong(0, "'" + std::string(name) + "' stands outside a command's section");
  if (depth != 2) return wrong(depth, "found " + std::to_string(depth) + " blanks, expected 2");
  if (command_ == nullptr) return wrong(depth, "no section before '" + std::string(name) + "'");
  return member(name, value, depth);
}

Status ConfigReader::section(std::string_view name) {
  command_ = find_command(name);
  if (command_ == nullptr) {
    std::vector<std::string> names;
    for (const CommandEntry* entry : command_catalogue()) names.emplace_back(entry->name);
    const auto near = nearest_names(name, names);
    return wrong(
        0, "unknown section '" + std::string(name) + "': " + one_of(near.empty() ? names : near));
  }
  if (!file.commands.emplace(command_->name, Settings{}).second) {
    return wrong(0, "section '" + std::string(name) + "' stands twice");
  }
  return {};
}

Status ConfigReader::member(std::string_view name, std::string_view value, std::size_t column) {
  const auto names = option_names(*command_);
  const std::string option = snake(name);
  if (std::find(names.begin(), names.end(), option) == names.end()) {
    const auto near = nearest_names(option, names);
    return wrong(
        column,
        "unknown option '" + std::string(name) + "': " + one_of(near.empty() ? names : near),
        "tenbin " + std::string(command_->name) + " --help lists them");
  }
  TENBIN_TRY(std::string text, value_of(value, column + name.size() + 2));
  const std::string origin = path_ + ":" + std::to_string(number_);
  Settings& settings = file.commands[std::string(command_->name)];
  if (!settings.emplace(option, Setting{std::move(text), origin}).second) {
    return wrong(column, "'" + std::string(name) + "' stands twice in the section");
  }
  return {};
}

Result<std::string> ConfigReader::scalar(std::string_view text, std::size_t column) const {
  if (text.empty()) return wrong(column, "found no value");
  const char first = text.front();
  if (first == '"' || first == '\'') {
    if (text.size() < 2 || text.back() != first) return wrong(column, "the quote is not closed");
    return std::string(text.substr(1, text.size() - 2));
  }
  if (std::string_view("{}[]&*!|>%@`").find(first) != std::string_view::npos) {
    return wrong(column, std::string("found '") + first + "', which this part of YAML lacks",
                 "put the text into quotes");
  }
  return std::string(text);
}

Result<std::string> ConfigReader::value_of(std::string_view text, std::size_t column) const {
  if (text.empty() || text.front() != '[') return scalar(text, column);
  if (text.back() != ']') return wrong(column, "the list is not closed on its line");
  std::string out;
  for (std::string_view rest = text.substr(1, text.size() - 2); !trimmed(rest).empty();) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    TENBIN_TRY(const std::string one, scalar(trimmed(item), column));
    out += (out.empty() ? "" : ",") + one;
  }
  return out;
}

}  // namespace

Result<ConfigFile> parse_config(std::string_view text, const std::string& path) {
  ConfigReader reader(path);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    TENBIN_CHECK(reader.line(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(reader.file);
}

std::vector<std::string> config_paths() {
  std::string home = here::environment("XDG_CONFIG_HOME");
  if (home.empty() && !here::environment("HOME").empty()) {
    home = here::environment("HOME") + "/.config";
  }
  std::vector<std::string> out = {"/etc/tenbin/config.yaml"};
  if (!home.empty()) out.push_back(home + "/tenbin/config.yaml");
  out.emplace_back("tenbin.yaml");
  return out;
}

Result<Settings> read_settings(const std::string& command) {
  Settings out;
  for (const std::string& path : config_paths()) {
    TENBIN_TRY(const std::optional<std::string> text, here::text_if_present(path));
    if (!text) continue;
    TENBIN_TRY(ConfigFile file, parse_config(*text, path));
    for (auto& [name, setting] : file.commands[command]) out[name] = std::move(setting);
  }
  const CommandEntry* entry = find_command(command);
  for (const std::string& name :
       entry == nullptr ? std::vector<std::string>{} : option_names(*entry)) {
    std::string variable = "TENBIN_";
    for (const char c : name)
      variable += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const std::string value = here::environment(variable.c_str());
    if (!value.empty()) out[name] = {value, "environment " + variable};
  }
  return out;
}

Status apply_settings(const Settings& settings, std::vector<DescribedOption>& options) {
  for (DescribedOption& option : options) {
    const auto found = settings.find(option.name);
    if (found == settings.end()) continue;
    if (const Status set = option.set(found->second.value); !set.ok()) {
      const Error& error = set.error();
      return Error(error.code(), error.message(), found->second.origin, error.hint());
    }
  }
  return {};
}

}  // namespace tenbin
