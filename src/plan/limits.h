// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/units.h"

namespace tenbin {

// What the user allows. Budgets bound the run itself and are hard: it stops within one step.
// Goals bound the model that comes out and are proven after it.
struct Limits {
  // budgets
  std::optional<Duration> time;
  std::optional<Energy> energy;
  std::optional<Money> money;
  std::optional<Carbon> carbon;
  std::optional<Bytes> memory;  // resident, of the process; training is planned to stay within it
  // goals
  std::optional<Duration> p50, p99;       // latency of one row, batch 1
  std::optional<Bytes> size;              // of model.onnx
  std::optional<double> score;            // least score on the test split
  std::optional<Energy> energy_per_1000;  // joules per 1,000 predictions

  bool has_budget() const { return time || energy || money || carbon; }
  bool has_goal() const { return p50 || p99 || size || score || energy_per_1000; }
};

// Reads "time=5min", "p99=1ms", "size=300KB", "accuracy=90%"; several may stand in one text,
// separated by commas. Errors: kUnknownOption (nearest names), kBadValue (unit), kImpossibleLimit
// (zero, a score above 1, or the same limit twice), all of them in one message.
Result<Limits> parse_limits(std::span<const std::string> texts);
// The names parse_limits knows, with what they bound: for --help and completion.
struct LimitName {
  std::string name, example, doc;
};
std::span<const LimitName> limit_names();

// What was reached, as far as it is known.
struct Reached {
  std::optional<Duration> time, p50, p99;
  std::optional<Energy> energy, energy_per_1000;
  std::optional<Money> money;
  std::optional<Carbon> carbon;
  std::optional<Bytes> memory, size;
  std::optional<double> score;
  bool stopped_by_budget = false;
};

// One limit against what was reached.
struct LimitCheck {
  std::string name;     // "p99"
  std::string limit;    // "1 ms"
  std::string reached;  // "0.12 ms", or "unknown"
  bool holds = false;
  bool known = true;   // false: nothing to compare, so it counts as not met
  std::string reason;  // why not, in words
};
// Every limit that is set, in the order of their declaration.
std::vector<LimitCheck> check_limits(const Limits& limits, const Reached& reached);
Json to_json(const LimitCheck& check);

}  // namespace tenbin
