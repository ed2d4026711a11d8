// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "app/here.h"
#include "cli/command.h"

namespace tenbin {
namespace {

std::string percent(const Json& share) { return to_text(Ratio{share.as_number()}); }

std::string count(const Json& number) { return full_count(number.as_integer()); }

std::string record_text(const Json& record) {
  return count(record["answered"]) + " requests, " + count(record["failed"]) + " failed, " +
         count(record["not_finite"]) + " not finite, " + count(record["late"]) + " late";
}

std::string shadow_text(const Json& shadow) {
  std::string out = count(shadow["compared"]) + " compared";
  const auto rows = shadow["labelled_rows"].as_integer();
  if (rows > 0) {
    const double same = static_cast<double>(shadow["same_label"].as_integer());
    out += ", labels equal in " + to_text(Ratio{same / static_cast<double>(rows)}) + " of " +
           full_count(rows) + " rows";
  }
  char largest[64];
  std::snprintf(largest, sizeof largest, "%.2g", shadow["largest_relative_difference"].as_number());
  return out + ", largest difference " + largest + " of the largest value, " +
         count(shadow["failed"]) + " failed, " + count(shadow["left_out"]) + " left out";
}

void line(const char* who, const std::string& version, const std::string& text) {
  std::printf("  %-8s %-10s %s\n", who, printable(version).c_str(), text.c_str());
}

void print_rollout(const Json& view) {
  std::printf("%s\n", printable(view["model"].as_string()).c_str());
  const Json& canary = view["canary"];
  const Json& shadow = view["shadow"];
  std::string stable = view["follows_newest"].as_bool() ? "the newest" : "held";
  const auto& loaded = view["versions"].items();
  const bool there = std::find(loaded.begin(), loaded.end(), view["stable"]) != loaded.end();
  if (!there && !loaded.empty()) {
    stable += ", but not loaded: version " + printable(loaded.front().as_string()) + " answers";
  }
  if (canary.is_object()) stable += "; since the canary: " + record_text(view["stable_since"]);
  line("stable", view["stable"].as_string(), stable);
  if (canary.is_object()) {
    line("canary", canary["version"].as_string(),
         percent(canary["share"]) + ": " + record_text(canary));
  }
  if (shadow.is_object()) {
    line("shadow", shadow["version"].as_string(),
         percent(shadow["share"]) + ": " + shadow_text(shadow));
  }
  if (view["before"].is_string()) line("before", view["before"].as_string(), "");
}

int run(int argc, char** argv) {
  RolloutOptions options;
  std::vector<DescribedOption> flags = described(options);
  Arguments arguments;
  if (const auto done = begin_command("rollout", argc, argv, flags, arguments)) return *done;
  if (arguments.words.size() != 2) {
    return report_words(arguments, "the URL of a server and a model",
                        "tenbin rollout http://localhost:8080 fashion --canary 2");
  }
  options.url = arguments.words[0];
  options.model = arguments.words[1];
  const auto view = here::rollout(options);
  if (!view.ok()) return report(view.error(), arguments.json);
  if (arguments.json) {
    std::printf("%s\n", view->dump().c_str());
  } else {
    print_rollout(*view);
  }
  return 0;
}

std::vector<DescribedOption> options_for_help() {
  static RolloutOptions defaults;
  return described(defaults);
}

}  // namespace

const CommandEntry& cmd_rollout() {
  static const CommandEntry entry{
      "rollout",
      "Canary, shadow, promotion and rollback of a version on a running server.",
      "tenbin rollout URL MODEL [--canary V | --shadow V | --promote V | --rollback]",
      "  tenbin rollout http://localhost:8080 fashion\n"
      "  tenbin rollout http://localhost:8080 fashion --shadow 2 --token-file admin.token\n"
      "  tenbin rollout http://localhost:8080 fashion --canary 2 --share 0.1 --token-file T\n"
      "  tenbin rollout http://localhost:8080 fashion --promote auto --token-file T\n"
      "  tenbin rollout http://localhost:8080 fashion --rollback --token-file T",
      run,
      options_for_help};
  return entry;
}

}  // namespace tenbin
