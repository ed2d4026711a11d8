// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "cli/command.h"
#include "cli/settings.h"

namespace tenbin {
namespace {

struct DoctorFlags {
  bool paths = false;
  template <class Fields> static void describe(Fields& f) {
    f("paths", &DoctorFlags::paths, "Files and folders that tenbin writes or looks for.");
  }
};

std::vector<DescribedOption> options_for_help() {
  static DoctorFlags defaults;
  return described(defaults);
}

bool usable(const std::vector<Check>& checks) {
  for (const auto& check : checks) {
    if (check.needed && !check.ok) return false;
  }
  return true;
}

std::string json_of(const std::vector<Check>& checks) {
  Json list = Json::array();
  for (const auto& check : checks) {
    list.push(Json::object({{"group", check.group},
                            {"name", check.name},
                            {"ok", check.ok},
                            {"needed", check.needed},
                            {"found", check.found},
                            {"remedy", check.remedy}}));
  }
  return Json::object({{"schema", "tenbin.doctor/1"},
                       {"usable", usable(checks)},
                       {"checks", std::move(list)}})
             .dump() +
         "\n";
}

std::string text_of(const std::vector<Check>& checks, const Style& style) {
  constexpr std::size_t kName = 24, kWidth = 98;
  std::string out, group;
  for (const auto& check : checks) {
    if (check.group != group) {
      if (!group.empty()) out += "\n";
      group = check.group;
    }
    const std::string mark = check.ok ? style.good("ok") : style.bad("no");
    const auto hung = [](const std::string& text) {
      return hanging(printable(text), kWidth, kName + 4) + "\n";
    };
    out += mark + "  " + padded(check.name, kName) + hung(check.found);
    if (!check.remedy.empty())
      out += std::string(kName + 4, ' ') + hung("to mend: " + check.remedy);
  }
  return out;
}

int print_paths(const Arguments& arguments) {
  std::vector<KnownPath> more;
  for (const std::string& path : config_paths()) more.push_back({"settings", path, false});
  const auto paths = here::known_paths(more);
  Json list = Json::array();
  Columns table("lll");
  for (const KnownPath& path : paths) {
    list.push(Json::object({{"what", path.what}, {"path", path.path}, {"exists", path.exists}}));
    table.add({path.what, path.exists ? "there" : "not there", path.path});
  }
  if (arguments.json) {
    const Json document = Json::object({{"schema", "tenbin.paths/1"}, {"paths", std::move(list)}});
    std::printf("%s\n", document.dump().c_str());
    return 0;
  }
  std::fputs((arguments.plain ? table.tabbed() : table.aligned(0)).c_str(), stdout);
  if (!arguments.plain) {
    std::printf(
        "Beside these, tenbin writes only where -o, --output and --ledger say. No cache.\n");
  }
  return 0;
}

int run(int argc, char** argv) {
  DoctorFlags flags_;
  std::vector<DescribedOption> flags = described(flags_);
  Arguments arguments;
  if (const auto done = begin_command("doctor", argc, argv, flags, arguments)) return *done;
  if (!arguments.words.empty()) {
    return report_words(arguments, "no word", "tenbin doctor --json");
  }
  if (flags_.paths) return print_paths(arguments);
  const auto checks = here::doctor();
  if (arguments.json) {
    std::fputs(json_of(checks).c_str(), stdout);
  } else if (arguments.plain) {
    Columns table("llll");
    for (const auto& c : checks) table.add({c.name, c.ok ? "ok" : "no", c.found, c.remedy});
    std::fputs(table.tabbed().c_str(), stdout);
  } else {
    std::fputs(text_of(checks, style_of(1, arguments)).c_str(), stdout);
  }
  return usable(checks) ? 0 : exit_code(Cause::kCapability);
}

}  // namespace

const CommandEntry& cmd_doctor() {
  static const CommandEntry entry{"doctor",
                                  "What this machine can do, and how to mend what it cannot.",
                                  "tenbin doctor [--paths] [--json]",
                                  "  tenbin doctor\n  tenbin doctor --paths",
                                  run,
                                  options_for_help};
  return entry;
}

}  // namespace tenbin
