// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <array>
#include <cstdio>
#include <cstring>

#include "app/here.h"
#include "base/nearest_name.h"
#include "cli/settings.h"
#include "cli/verbose.h"

namespace tenbin {
namespace {

constexpr std::array kCommonFlags = {
    CommonFlag{"--json", "", "One JSON document on standard output.", &Arguments::json},
    CommonFlag{"--plain", "", "Tab-separated lines, without colour.", &Arguments::plain},
    CommonFlag{"--quiet", "-q", "No messages and no progress.", &Arguments::quiet},
    CommonFlag{"--verbose", "-v",
               "Details on standard error: where settings come from, files, choices, times.",
               &Arguments::verbose},
    CommonFlag{"--no-input", "", "Ask nothing; go on as in a pipe.", &Arguments::no_input},
    CommonFlag{"--yes", "", "Yes to what would be asked.", &Arguments::yes},
    CommonFlag{"--no-color", "", "No colour and no animation.", &Arguments::no_color},
    CommonFlag{"--version", "-V", "Version of tenbin.", &Arguments::version},
    CommonFlag{"--help", "-h", "This text (with --json: as a schema).", &Arguments::help},
};

bool take_common(const std::string& word, Arguments& out) {
  for (const CommonFlag& flag : kCommonFlags) {
    if (word == flag.name || (!flag.letter.empty() && word == flag.letter)) {
      return out.*flag.member = true;
    }
  }
  return false;
}

// Letters of options that are not common to all commands.
struct OptionLetter {
  std::string_view letter, option;
};
constexpr std::array kLetters = {OptionLetter{"-o", "output"}, OptionLetter{"-n", "dry_run"}};

DescribedOption* find_flag(std::vector<DescribedOption>& options, const std::string& name) {
  for (DescribedOption& option : options) {
    if (option.flag() == name) return &option;
    for (const OptionLetter& short_name : kLetters) {
      if (short_name.letter == name && short_name.option == option.name) return &option;
    }
  }
  return nullptr;
}

Error unknown_flag(const std::string& flag, const std::vector<DescribedOption>& options,
                   std::string_view command) {
  std::vector<std::string> names;
  names.reserve(options.size() + std::size(kCommonFlags));
  for (const DescribedOption& option : options) names.push_back(option.flag());
  for (const CommonFlag& common : kCommonFlags) names.emplace_back(common.name);
  const auto near = nearest_names(flag, names);
  std::string hint = "tenbin " + std::string(command) + " --help lists the flags";
  if (!near.empty()) hint = "did you mean " + near.front() + "?";
  if (command == "meter")
    hint = "flags of the metered command go behind --: tenbin meter -- COMMAND";
  return Error(ErrorCode::kUnknownOption,
               "unknown flag '" + flag + "': " + one_of(near.empty() ? names : near),
               "command line", hint);
}

// A list takes what its flag gave before and the new value.
Status set_value(DescribedOption& option, const std::string& value, bool again) {
  if (option.type != "list" || !again || option.get().empty()) return option.set(value);
  return option.set(option.get() + "," + value);
}

// The value of one flag: behind '=', true, or the next word.
Result<std::string> value_of(const DescribedOption& option, const std::string& word, int argc,
                             char** argv, int& i) {
  const std::size_t equals = word.find('=');
  if (equals != std::string::npos) return word.substr(equals + 1);
  if (option.is_switch) return std::string("true");
  if (i + 1 < argc && std::strcmp(argv[i + 1], "--") != 0) return std::string(argv[++i]);
  return Error(ErrorCode::kMissingArgument, "flag " + word + " needs a value", {},
               "write " + word + " VALUE: " + option.doc);
}

// Where more than the help stands, without a network.
std::string docs_of(const CommandEntry& entry) {
  return "tenbin man " + std::string(entry.name) + " | man -l -";
}

std::string flag_lines(const std::vector<DescribedOption>& options) {
  constexpr std::size_t kColumn = 22, kWidth = 98;
  std::string out;
  const auto line = [&out](const std::string& flag, const std::string& doc) {
    out += "  " + padded(flag, kColumn - 2) + hanging(doc, kWidth, kColumn) + "\n";
  };
  for (const DescribedOption& option : options) {
    const bool shown = !option.default_text.empty() && !option.is_switch;
    line(option_flags(option), option.doc + (shown ? " (" + option.default_text + ")" : ""));
  }
  for (const CommonFlag& common : kCommonFlags) {
    const std::string letter = common.letter.empty() ? "" : std::string(common.letter) + ", ";
    line(letter + std::string(common.name), std::string(common.doc));
  }
  return out;
}

}  // namespace

std::string option_flags(const DescribedOption& option) {
  for (const OptionLetter& short_name : kLetters) {
    if (short_name.option == option.name) {
      return std::string(short_name.letter) + ", " + option.flag();
    }
  }
  return option.flag();
}

std::span<const CommonFlag> common_flags() { return kCommonFlags; }

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
    DescribedOption* option = find_flag(options, word.substr(0, word.find('=')));
    if (option == nullptr) return unknown_flag(word.substr(0, word.find('=')), options, argv[1]);
    TENBIN_TRY(const std::string value, value_of(*option, word, argc, argv, i));
    TENBIN_CHECK(set_value(*option, value, !out.given.insert(option->name).second));
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

std::optional<int> begin_command(std::string_view name, int argc, char** argv,
                                 std::vector<DescribedOption>& options, Arguments& out) {
  const bool json = asks_for_json(argc, argv);
  begin_verbose(argc, argv);
  const auto settings = read_settings(std::string(name));
  if (!settings.ok()) return report(settings.error(), json);
  if (const Status set = apply_settings(*settings, options); !set.ok()) {
    return report(set.error(), json);
  }
  auto arguments = parse_arguments(argc, argv, options);
  if (!arguments.ok()) return report(arguments.error(), json);
  out = std::move(*arguments);
  if (out.version) return print_version(out.json);
  if (!out.help) {
    tell_settings(*settings, options, out);
    return std::nullopt;
  }
  const CommandEntry& entry = *find_command(name);
  std::fputs(out.json ? (help_json(entry).dump() + "\n").c_str() : help_text(entry).c_str(),
             stdout);
  return 0;
}

Status may_write_over(const std::string& path, const Arguments& arguments) {
  if (path.empty() || path == "-" || arguments.yes || !here::exists(path)) return {};
  if (arguments.no_input || !here::is_terminal(0)) {
    if (!arguments.quiet) {
      std::fprintf(stderr, "note: %s exists and is written over\n", printable(path).c_str());
    }
    return {};
  }
  std::fprintf(stderr, "%s exists and would be written over. Go on? [y/N] ",
               printable(path).c_str());
  std::fflush(stderr);
  std::array<char, 16> answer{};
  const bool given = std::fgets(answer.data(), answer.size(), stdin) != nullptr;
  if (given && (answer[0] == 'y' || answer[0] == 'Y')) return {};
  return Error(ErrorCode::kInterrupted, "nothing was done: what exists is kept", path,
               "answer y, give --yes, or name another place with -o");
}

bool asks_for_json(int argc, char** argv) {
  for (int i = 1; i < argc && std::strcmp(argv[i], "--") != 0; ++i) {
    if (std::strcmp(argv[i], "--json") == 0) return true;
  }
  return false;
}

int report(const Error& error, bool json) {
  const std::string label = error_label(error.code());
  const std::string hint =
      error.hint().empty() ? std::string(error_entry(error.code()).title) : error.hint();
  if (json) {
    Json body = Json::object({{"code", label},
                              {"cause", cause_name(error.cause())},
                              {"message", error.message()},
                              {"where", error.where()},
                              {"hint", hint},
                              {"docs", "tenbin explain " + label}});
    std::fprintf(stderr, "%s\n", Json::object({{"error", std::move(body)}}).dump().c_str());
    return exit_code(error.cause());
  }
  const Style style = style_of(2, {});
  const std::string head = "error[" + label + "]:";
  std::fprintf(
      stderr, "%s %s\n", style.bad(head).c_str(),
      wrapped(head + " " + printable(error.message()), 98, 2).substr(head.size() + 1).c_str());
  if (!error.where().empty()) {
    std::fprintf(stderr, "  --> %s\n", printable(error.where()).c_str());
  }
  std::fprintf(stderr, "  hint: %s\n", hanging(printable(hint), 98, 8).c_str());
  std::fprintf(stderr, "  docs: tenbin explain %s\n", label.c_str());
  return exit_code(error.cause());
}

int report_words(const Arguments& arguments, std::string_view expected, std::string_view example) {
  std::string found = arguments.words.empty() ? "nothing" : "";
  for (const std::string& word : arguments.words)
    found += (found.empty() ? "'" : " '") + word + "'";
  return report(
      Error(ErrorCode::kMissingArgument, "found " + found + ", expected " + std::string(expected),
            "command line", "for example: " + std::string(example)),
      arguments.json);
}

std::string help_text(const CommandEntry& entry) {
  const auto options = entry.options != nullptr ? entry.options() : std::vector<DescribedOption>{};
  return std::string(entry.doc) + "\n\nExamples:\n" + std::string(entry.examples) + "\n\n" +
         wrapped("Usage: " + std::string(entry.usage), 98, 7) + "\n\nFlags:\n" +
         flag_lines(options) + (entry.more != nullptr ? "\n" + entry.more() : "") +
         "\nEach flag can also be set by TENBIN_NAME in the environment or in tenbin.yaml; see "
         "`tenbin config`.\nOffline docs: `" +
         docs_of(entry) + "`, errors: `tenbin explain CODE`.\n";
}

Json help_json(const CommandEntry& entry) {
  const auto options = entry.options != nullptr ? entry.options() : std::vector<DescribedOption>{};
  Json examples = Json::array();
  for (std::string_view rest = entry.examples; !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    examples.push(line);
  }
  return Json::object({{"schema", "tenbin.help/1"},
                       {"name", entry.name},
                       {"doc", entry.doc},
                       {"usage", entry.usage},
                       {"examples", std::move(examples)},
                       {"options", options_schema(options)},
                       {"docs", docs_of(entry)}});
}

int print_version(bool json) {
  if (!json) {
    std::printf("tenbin %s\n", TENBIN_VERSION);
    return 0;
  }
  const std::string_view commit = build_commit();
  Json version = Json::object({{"schema", "tenbin.version/1"},
                               {"version", TENBIN_VERSION},
                               {"commit", commit.empty() ? Json() : Json(commit)},
                               {"compiler", __VERSION__}});
  Json libraries = Json::object();
  for (const Library& library : here::libraries()) libraries.set(library.name, library.found);
  version.set("simd", Json::array_of(here::vector_sets()));
  version.set("libraries", std::move(libraries));
  std::printf("%s\n", version.dump().c_str());
  return 0;
}

Looks looks_of(int stream, const Arguments& arguments) {
  Looks looks;
  looks.terminal = here::is_terminal(stream);
  looks.no_color_flag = arguments.no_color || arguments.plain;
  looks.no_color = here::environment("NO_COLOR");
  looks.tenbin_no_color = here::environment("TENBIN_NO_COLOR");
  looks.force_color = here::environment("FORCE_COLOR");
  looks.term = here::environment("TERM");
  return looks;
}

Style style_of(int stream, const Arguments& arguments) {
  return {wants_color(looks_of(stream, arguments))};
}

}  // namespace tenbin
