// SPDX-License-Identifier: Apache-2.0
#include "cli/verbose.h"

#include <cstdio>
#include <cstring>

#include "app/here.h"

namespace tenbin {
namespace {

constexpr std::size_t kWidth = 98, kIndent = 14;  // what follows stands below the text

bool asks_for_details(int argc, char** argv) {
  for (int i = 2; i < argc && std::strcmp(argv[i], "--") != 0; ++i) {
    if (std::strcmp(argv[i], "--verbose") == 0 || std::strcmp(argv[i], "-v") == 0) return true;
  }
  return false;
}

// A list as its flag takes it, an empty text as such.
std::string value_text(const DescribedOption& option) {
  const std::string value = option.get();
  return value.empty() ? "''" : value;
}

}  // namespace

void begin_verbose(int argc, char** argv) {
  if (!asks_for_details(argc, argv)) return here::trace({});
  static double began;
  began = here::steady_seconds();
  // A line of progress may stand where this one goes.
  static const char* clear;
  clear = wants_live(looks_of(2, {})) ? "\r\033[K" : "";
  here::trace([](const std::string& line) {
    char time[32];
    std::snprintf(time, sizeof time, "[%9.3f s] ", here::steady_seconds() - began);
    const std::string text = wrapped(time + printable(line), kWidth, kIndent);
    std::fprintf(stderr, "%s%s\n", clear, text.c_str());
    std::fflush(stderr);
  });
  const std::string commit(build_commit());
  here::detail("program: tenbin " TENBIN_VERSION + (commit.empty() ? "" : ", commit " + commit));
  here::detail("machine: " + here::machine_line());
}

void tell_settings(const Settings& settings, const std::vector<DescribedOption>& options,
                   const Arguments& arguments) {
  if (!arguments.verbose) return;
  for (const std::string& path : config_paths()) {
    here::detail("settings: " + path + (here::exists(path) ? " is read" : " is not there"));
  }
  std::string defaults;
  for (const DescribedOption& option : options) {
    const auto found = settings.find(option.name);
    const bool flag = arguments.given.count(option.name) != 0;
    if (!flag && found == settings.end()) {
      defaults += (defaults.empty() ? "" : ", ") + option.name + " = " + value_text(option);
      continue;
    }
    std::string line = "settings: " + option.name + " = " + value_text(option) + ", from ";
    line += flag ? "flag " + option.flag() : found->second.origin;
    if (flag && found != settings.end()) line += ", over that of " + found->second.origin;
    here::detail(line);
  }
  if (!defaults.empty()) here::detail("settings: by default " + defaults);
}

void end_verbose(int code) {
  here::detail("end: exit code " + std::to_string(code) + "; " + here::usage_line());
  here::trace({});
}

}  // namespace tenbin
