// SPDX-License-Identifier: Apache-2.0
#include "app/fit/fit_and_shrink.h"

#include <algorithm>
#include <span>

#include "app/shrink/shrink.h"
#include "platform/clock.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr Duration kLeastTime = 30s;  // a search and a proof, where nothing bounds them

// What is left of the limits, less the time that fitting took.
Limits budget_left(const Limits& limits, Duration took) {
  Limits out = kept_for_shrinking(limits);
  out.time = limits.time ? std::max(*limits.time - took, Duration(1s)) : std::max(took, kLeastTime);
  return out;
}

// Those of the limits that bound the model, as they were given.
std::vector<std::string> goals_of(const std::vector<std::string>& limits) {
  std::vector<std::string> out;
  for (const std::string& text : limits) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      const std::string one = text.substr(at, end - at);
      const auto parsed = parse_limits(std::span(&one, 1));
      if (parsed.ok() && parsed->has_goal() && !parsed->score) out.push_back(one);
      at = end + 1;
    }
  }
  return out;
}

Json told(const ShrinkOutcome& outcome, const std::string& folder) {
  Json out = Json::object({{"outcome", outcome.document["outcome"]},
                           {"verdict", outcome.document["verdict"]},
                           {"exit_code", outcome.exit_code},
                           {"folder", folder}});
  if (outcome.exit_code == 0) out.set("model", join_path(folder, "model.onnx"));
  return out;
}

// A failure to shrink is told; the model of the fit stays what it is.
Json shrunk(const FitOptions& options, const Limits& limits, Duration took, FileSystem& files,
            Clock& clock, FitObserver& observer) {
  ShrinkOptions small;
  small.model = join_path(options.output, "model.onnx");
  small.data = options.data;
  small.target = options.target;
  small.output = join_path(options.output, "small");
  small.limit = goals_of(options.limit);
  small.max_drop = options.max_drop;
  small.seed = options.seed;
  small.command = options.command;
  small.read = options.read;
  small.prices = options.prices;
  small.meter = options.meter;
  small.budget_left = budget_left(limits, took);
  observer.tell("shrinking the model into " + small.output);
  const auto outcome = shrink(small, files, clock, observer);
  if (outcome.ok()) return told(*outcome, small.output);
  return Json::object({{"outcome", "failed"},
                       {"verdict", outcome.error().message()},
                       {"exit_code", exit_code(outcome.error().cause())},
                       {"folder", small.output}});
}

}  // namespace

Result<FitOutcome> fit_and_shrink(const FitOptions& options, FileSystem& files, Clock& clock,
                                  FitObserver& observer) {
  if (!options.data_name.empty()) {
    return Error(ErrorCode::kBadValue,
                 "--shrink reads the rows a second time, standard input is gone", "--shrink",
                 "give a file, or run tenbin shrink on the model afterwards");
  }
  TENBIN_TRY(const Limits limits, fit_limits(options));
  const Duration began = clock.steady_now();
  TENBIN_TRY(FitOutcome outcome, fit(options, files, clock, observer));
  if (outcome.exit_code != 0) return outcome;
  outcome.document.set("shrink",
                       shrunk(options, limits, clock.steady_now() - began, files, clock, observer));
  TENBIN_CHECK(files.write_durable(join_path(options.output, "result.json"),
                                   outcome.document.dump(1) + "\n"));
  return outcome;
}

Limits kept_for_shrinking(const Limits& limits) {
  Limits out;
  if (limits.time) out.time = *limits.time / 3;
  if (limits.energy) out.energy = Energy{limits.energy->nanojoules / 3};
  if (limits.money) {
    out.money = limits.money;
    out.money->billionths /= 3;
  }
  if (limits.carbon) out.carbon = Carbon{limits.carbon->micrograms / 3};
  return out;
}

}  // namespace tenbin
