// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/limits.h"

namespace tenbin {

// A network that could be trained, with what was measured on the untrained one.
struct NetworkProfile {
  std::string name;      // "cnn 32-64, dense 128"
  Duration per_epoch{};  // training pass over the training rows, measured on a few steps
  std::optional<Duration> p50, p99;  // latency of batch 1
  Bytes size;                        // of the weights
};

// What may still be spent on training, everything converted to time.
struct TrainingBudget {
  std::optional<Duration> time;  // nothing: unlimited
  std::string from;              // "time", "energy" ...: the tightest limit
};

// The tightest of the remaining budgets as training time. `power` and `price_per_hour` convert
// energy and money; a budget that cannot be converted is left to the hard stop.
struct SpendRates {
  std::optional<Power> power;
  std::optional<Money> per_hour;  // at that power, energy and machine together
  std::optional<double> grams_per_hour;
};
// `reserve`: kept back for scoring, proof and writing.
TrainingBudget training_budget(const Limits& left, const SpendRates& rates, Duration reserve);

struct NetworkChoice {
  std::size_t index = 0;    // into the candidates
  std::int64_t epochs = 1;  // that fit the budget, at most `most_epochs`
  bool meets_goals = true;  // latency and size goals of the limits
  std::string why;          // in words, for the user
};
// Candidates come in order of expected quality, best first. Picks the first one that meets the
// goals with a margin (a fifth of the limit) and can be trained for `least_epochs` within the
// budget; else the one that meets the goals and gets furthest; else the fastest, and says so.
NetworkChoice choose_network(std::span<const NetworkProfile> candidates, const Limits& limits,
                             const TrainingBudget& budget, std::int64_t least_epochs,
                             std::int64_t most_epochs);

// How fast a training run goes: over the run so far and over the last seconds.
struct Pace {
  std::int64_t steps = 0, recent_steps = 0;
  Duration spent{}, recent{};  // validation and checkpoints included
};
// Steps that fit into the budget from here; nothing when the budget has no end or no step was done.
// Half of the pace is the run's, half the last seconds': a neighbour who comes and goes bends the
// plan, and does not break it. A fiftieth of the time is left for the last validation.
std::optional<std::int64_t> steps_within(const TrainingBudget& budget, const Pace& pace);

// How the closing part (test scores, latency proof, report) is kept inside a time limit: a
// tenth of it, between 1 s and 20 s.
Duration closing_reserve(const Limits& limits);

// What training leaves of `left`, its own budgets, beside that: scoring the test rows is `expected`
// to take as long, half of the closing reserve (of energy, money and CO2e a tenth of the limit) is
// for it, and a quarter of `left` is the most. Budgets that `limits` has not, or `rates` cannot
// tell, are not in the answer.
Limits scoring_reserve(const Limits& limits, const Limits& left, const SpendRates& rates,
                       Duration expected);

}  // namespace tenbin
