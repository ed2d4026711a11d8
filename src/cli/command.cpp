// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <cstdio>

#include "base/nearest_name.h"

namespace tenbin {
namespace {

bool take_common(const std::string& flag, Arguments& out) {
  if (flag == "--json") return out.json = true;
  if (flag == "--help" || flag == "-h") return out.help = true;
  if (flag == "--quiet" || flag == "-q") return out.quiet = true;
  if (flag == "--no-color") return out.no_color = true;
  return false;
}

DescribedOption* find_flag(std::vector<DescribedOption>& options, std::string name) {
  if (name == "-o") name = "--output";
  for (DescribedOption& option : options) {
    if (option.flag() == name) return &option;
  }
  return nullptr;
}

Error unknown_flag(const std::string& flag, const std::vector<DescribedOption>& options) {
  std::vector<std::string> names = {"--json", "--help", "--quiet", "--no-color"};
  for (const DescribedOption& option : options) names.push_back(option.flag());
  const auto near = nearest_names(flag, names);
  return Error(ErrorCode::kUnknownOption,
               "unknown flag '" + flag + "': " + one_of(near.empty() ? names : near));
}

// A list takes what it has and the new value.
Status set_value(DescribedOption& option, const std::string& value) {
  if (option.type != "list" || option.get().empty() || option.get() == option.default_text) {
    return option.set(value);
  }
  return option.set(option.get() + "," + value);
}

}  // namespace

const CommandEntry* find_command(std::string_view name) {
  for (const CommandEntry* entry : command_catalogue()) {
    if (entry->name == name) return entry;
  }
  return nullptr;
}

Result<Arguments> parse_arguments(int argc, char** argv, std::vector<DescribedOption>& options) {
  Arguments out;
  out.argv.assign(argv, argv + argc);
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--") {
      out.after.assign(argv + i + 1, argv + argc);
      break;
    }
    if (word.size() < 2 || word[0] != '-') {
      out.words.push_back(word);
      continue;
    }
    if (take_common(word, out)) continue;
    const std::size_t equals = word.find('=');
    DescribedOption* option = find_flag(options, word.substr(0, equals));
    if (option == nullptr) return unknown_flag(word.substr(0, equals), options);
    if (equals != std::string::npos) {
      TENBIN_CHECK(set_value(*option, word.substr(equals + 1)));
    } else if (option->is_switch) {
      TENBIN_CHECK(option->set("true"));
    } else if (i + 1 < argc) {
      TENBIN_CHECK(set_value(*option, argv[++i]));
    } else {
      return Error(ErrorCode::kMissingArgument, "flag " + word + " needs a value", {}, option->doc);
    }
  }
  return out;
}

void join_options(std::vector<DescribedOption>& into, std::vector<DescribedOption> more) {
  for (DescribedOption& option : more) {
    bool known = false;
    for (const DescribedOption& other : into) known = known || other.name == option.name;
    if (!known) into.push_back(std::move(option));
  }
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      out += c;
    } else {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", byte);
      out += escape;
    }
  }
  return out;
}

int report(const Error& error, bool json) {
  const std::string label = error_label(error.code());
  if (json) {
    Json body = Json::object({{"code", label},
                              {"cause", cause_name(error.cause())},
                              {"message", error.message()},
                              {"where", error.where()},
                              {"hint", error.hint()},
                              {"docs", "tenbin explain " + label}});
    std::fprintf(stderr, "%s\n", Json::object({{"error", std::move(body)}}).dump().c_str());
    return exit_code(error.cause());
  }
  std::fprintf(stderr, "error[%s]: %s\n", label.c_str(), printable(error.message()).c_str());
  if (!error.where().empty()) {
    std::fprintf(stderr, "  --> %s\n", printable(error.where()).c_str());
  }
  const std::string hint =
      error.hint().empty() ? std::string(error_entry(error.code()).title) : error.hint();
  std::fprintf(stderr, "  hint: %s\n", printable(hint).c_str());
  std::fprintf(stderr, "  docs: tenbin explain %s\n", label.c_str());
  return exit_code(error.cause());
}

void print_help(const CommandEntry& entry) {
  std::printf("%s\n\nExamples:\n%s\n\nUsage: %s\n", std::string(entry.doc).c_str(),
              std::string(entry.examples).c_str(), std::string(entry.usage).c_str());
  std::printf("\nFlags:\n");
  if (entry.options != nullptr) {
    for (const DescribedOption& option : entry.options()) {
      const std::string fallback =
          option.default_text.empty() || option.is_switch ? "" : " (" + option.default_text + ")";
      std::printf("  %-20s %s%s\n", option.flag().c_str(), option.doc.c_str(), fallback.c_str());
    }
  }
  std::printf("  %-20s %s\n", "--json", "One JSON document on standard output.");
  std::printf("  %-20s %s\n", "--help", "This text.");
}

}  // namespace tenbin
