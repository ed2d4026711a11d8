// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "base/nearest_name.h"
#include "cli/command.h"

namespace tenbin {
namespace {

// Options whose value is a column of the data file on the line.
constexpr const char* kColumnFlags = "--target --group-column --time-column --drop";

std::string flags_of(const CommandEntry& entry) {
  std::string out;
  for (const CommonFlag& flag : common_flags()) out += std::string(flag.name) + " ";
  if (entry.options == nullptr) return out;
  for (const DescribedOption& option : entry.options()) out += option.flag() + " ";
  return out;
}

// Words that a command takes besides files.
std::string values_of(const CommandEntry& entry) {
  if (entry.name == "completion") return "bash zsh fish";
  std::string out;
  if (entry.name == "explain") {
    for (const ErrorEntry& error : error_catalogue()) out += error_label(error.code) + " ";
  }
  if (entry.name == "config" || entry.name == "man") {
    out = entry.name == "config" ? "show " : "";
    for (const CommandEntry* each : command_catalogue()) out += std::string(each->name) + " ";
  }
  return out;
}

std::string command_names() {
  std::string out;
  for (const CommandEntry* entry : command_catalogue()) out += std::string(entry->name) + " ";
  return out;
}

// The columns of the first word behind the verb that is a file or folder.
constexpr const char* kBashBody =
    R"SH(  local cur="${COMP_WORDS[COMP_CWORD]}" prev="" word words data="" flags="" values="" i
  [ "$COMP_CWORD" -gt 0 ] && prev="${COMP_WORDS[COMP_CWORD-1]}"
  for ((i = 2; i < ${#COMP_WORDS[@]}; i++)); do
    word="${COMP_WORDS[i]/#\~/$HOME}"
    if [ "$i" -ne "$COMP_CWORD" ] && [ -e "$word" ]; then data="$word"; break; fi
  done
  COMPREPLY=()
  if [ "$prev" = --limit ]; then
    COMPREPLY=($(compgen -W "$limits" -- "$cur"))
    return 0
  fi
  case " $column_flags " in
    *" $prev "*)
      [ -n "$data" ] || return 0
      local IFS=$'\n'
      words="$("${COMP_WORDS[0]}" completion columns "$data" 2>/dev/null)"
      COMPREPLY=($(compgen -W "$words" -- "$cur"))
      return 0 ;;
  esac
)SH";

std::string bash() {
  std::string cases;
  for (const CommandEntry* entry : command_catalogue()) {
    cases += "    " + std::string(entry->name) + ") flags=\"" + flags_of(*entry) + "\" values=\"" +
             values_of(*entry) + "\" ;;\n";
  }
  std::string limits;
  for (const LimitName& limit : here::limit_names()) limits += limit.name + "= ";
  const std::string locals =
      "  local limits=\"" + limits + "\" column_flags=\"" + kColumnFlags + "\"\n";
  const std::string verbs = "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W \"" +
                            command_names() +
                            "--help --version\" -- \"$cur\"))\n    return 0\n  fi\n";
  return "_tenbin() {\n" + locals + kBashBody + verbs + "  case \"${COMP_WORDS[1]}\" in\n" + cases +
         "  esac\n  case \"$cur\" in\n"
         "    -*) COMPREPLY=($(compgen -W \"$flags\" -- \"$cur\")) ;;\n"
         "    *) COMPREPLY=($(compgen -W \"$values\" -- \"$cur\") $(compgen -f -- \"$cur\")) ;;\n"
         "  esac\n}\ncomplete -o filenames -F _tenbin tenbin\n";
}

std::string zsh() { return "autoload -U +X bashcompinit && bashcompinit\n" + bash(); }

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("\\'") : std::string(1, c);
  return out + "'";
}

std::string fish() {
  std::string out =
      "function __tenbin_columns\n  for word in (commandline -opc)[3..]\n"
      "    if test -e $word\n      tenbin completion columns $word 2>/dev/null\n      return\n"
      "    end\n  end\nend\n";
  for (const CommandEntry* entry : command_catalogue()) {
    const std::string name(entry->name);
    const std::string seen = "complete -c tenbin -n '__fish_seen_subcommand_from " + name + "' ";
    out += "complete -c tenbin -n __fish_use_subcommand -a " + name + " -d " + quoted(entry->doc) +
           "\n";
    if (const std::string values = values_of(*entry); !values.empty()) {
      out += seen + "-f -a " + quoted(values) + "\n";
    }
    for (const CommonFlag& flag : common_flags()) {
      out += seen + "-l " + std::string(flag.name.substr(2)) + " -d " + quoted(flag.doc) + "\n";
    }
    if (entry->options == nullptr) continue;
    for (const DescribedOption& option : entry->options()) {
      const bool column = (" " + std::string(kColumnFlags) + " ").find(" " + option.flag() + " ") !=
                          std::string::npos;
      out += seen + "-l " + option.flag().substr(2) + (option.is_switch ? "" : " -r") +
             (column ? " -f -a '(__tenbin_columns)'" : "") + " -d " + quoted(option.doc) + "\n";
    }
  }
  return out;
}

int print_columns(const Arguments& arguments) {
  const auto names = here::column_names(arguments.words[1]);
  if (!names.ok()) return report(names.error(), arguments.json);
  for (const std::string& name : *names) std::printf("%s\n", printable(name).c_str());
  return 0;
}

int run(int argc, char** argv) {
  std::vector<DescribedOption> none;
  Arguments arguments;
  if (const auto done = begin_command("completion", argc, argv, none, arguments)) return *done;
  const auto& words = arguments.words;
  if (words.size() == 2 && words[0] == "columns") return print_columns(arguments);
  if (words.size() != 1) {
    return report_words(arguments, "one of bash, zsh, fish", "tenbin completion bash");
  }
  std::string script;
  if (words[0] == "bash") script = bash();
  if (words[0] == "zsh") script = zsh();
  if (words[0] == "fish") script = fish();
  if (script.empty()) {
    return report(Error(ErrorCode::kUnknownOption,
                        "unknown shell '" + words[0] + "': expected one of bash, zsh, fish"),
                  arguments.json);
  }
  if (arguments.json) {
    script =
        Json::object({{"schema", "tenbin.completion/1"}, {"shell", words[0]}, {"script", script}})
            .dump() +
        "\n";
  }
  std::fputs(script.c_str(), stdout);
  return 0;
}

}  // namespace

const CommandEntry& cmd_completion() {
  static const CommandEntry entry{
      "completion",
      "Completion for a shell: verbs, flags, and columns of the named file.",
      "tenbin completion bash|zsh|fish",
      "  source <(tenbin completion bash)\n  tenbin completion fish > tenbin.fish",
      run,
      nullptr};
  return entry;
}

}  // namespace tenbin
