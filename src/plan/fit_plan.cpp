// SPDX-License-Identifier: Apache-2.0
#include "plan/fit_plan.h"

#include <algorithm>

namespace tenbin {
namespace {

constexpr double kMargin = 0.8;  // share of a latency or size limit that a candidate may use

bool within(const std::optional<Duration>& limit, const std::optional<Duration>& value) {
  if (!limit) return true;
  return value && in_seconds(*value) <= kMargin * in_seconds(*limit);
}

bool meets(const NetworkProfile& candidate, const Limits& limits) {
  const bool small = !limits.size || static_cast<double>(candidate.size.count) <=
                                         kMargin * static_cast<double>(limits.size->count);
  return small && within(limits.p50, candidate.p50) && within(limits.p99, candidate.p99);
}

std::int64_t affordable_epochs(const NetworkProfile& candidate, const TrainingBudget& budget,
                               std::int64_t most) {
  if (!budget.time || candidate.per_epoch.count() <= 0) return most;
  return std::min<std::int64_t>(most, budget.time->count() / candidate.per_epoch.count());
}

void tighten(TrainingBudget& budget, Duration time, const char* from) {
  time = std::max(time, Duration{0});
  if (!budget.time || time < *budget.time) budget = {time, from};
}

std::string goals_text(const NetworkProfile& candidate, const Limits& limits) {
  std::string text;
  if (limits.p99 && candidate.p99) {
    text += ", p99 " + to_text(*candidate.p99) + " of " + to_text(*limits.p99);
  }
  if (limits.size) text += ", " + to_text(candidate.size) + " of " + to_text(*limits.size);
  return text;
}

}  // namespace

TrainingBudget training_budget(const Limits& left, const SpendRates& rates, Duration reserve) {
  TrainingBudget budget;
  if (left.time) tighten(budget, *left.time - reserve, "time");
  if (left.energy && rates.power && in_watts(*rates.power) > 0) {
    const double s = in_joules(*left.energy) / in_watts(*rates.power);
    tighten(budget, seconds(s) - reserve, "energy");
  }
  if (left.money && rates.per_hour && rates.per_hour->currency == left.money->currency &&
      rates.per_hour->billionths > 0) {
    const double hours = in_units(*left.money) / in_units(*rates.per_hour);
    tighten(budget, seconds(std::min(hours, 1e5) * 3600) - reserve, "money");
  }
  if (left.carbon && rates.grams_per_hour && *rates.grams_per_hour > 0) {
    const double hours = in_grams(*left.carbon) / *rates.grams_per_hour;
    tighten(budget, seconds(std::min(hours, 1e5) * 3600) - reserve, "co2e");
  }
  return budget;
}

NetworkChoice choose_network(std::span<const NetworkProfile> candidates, const Limits& limits,
                             const TrainingBudget& budget, std::int64_t least_epochs,
                             std::int64_t most_epochs) {
  NetworkChoice best;
  std::int64_t furthest = -1;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!meets(candidates[i], limits)) continue;
    const std::int64_t epochs = affordable_epochs(candidates[i], budget, most_epochs);
    if (epochs >= least_epochs) {
      best = {i, epochs, true,
              candidates[i].name + ": the strongest that fits (" + std::to_string(epochs) +
                  " epochs" + goals_text(candidates[i], limits) + ")"};
      return best;
    }
    if (epochs > furthest) {
      furthest = epochs;
      best = {i, std::max<std::int64_t>(epochs, 1), true,
              candidates[i].name + ": gets furthest within the " + budget.from + " limit (" +
                  std::to_string(std::max<std::int64_t>(epochs, 1)) + " epochs)"};
    }
  }
  if (furthest >= 0) return best;
  const auto faster = [](const NetworkProfile& a, const NetworkProfile& b) {
    return a.p99.value_or(Duration::max()) < b.p99.value_or(Duration::max());
  };
  const auto fastest = std::min_element(candidates.begin(), candidates.end(), faster);
  best.index = static_cast<std::size_t>(fastest - candidates.begin());
  best.epochs = std::max<std::int64_t>(affordable_epochs(*fastest, budget, most_epochs), 1);
  best.meets_goals = false;
  best.why = fastest->name +
             ": no candidate meets the goals with a margin of a fifth, this is "
             "the fastest" +
             goals_text(*fastest, limits);
  return best;
}

std::optional<std::int64_t> steps_within(const TrainingBudget& budget, const Pace& pace) {
  if (!budget.time || pace.steps <= 0 || pace.spent.count() <= 0) return {};
  const double whole = in_seconds(pace.spent) / static_cast<double>(pace.steps);
  const double recent = pace.recent_steps > 0 && pace.recent.count() > 0
                            ? in_seconds(pace.recent) / static_cast<double>(pace.recent_steps)
                            : whole;
  const double steps = 0.98 * in_seconds(*budget.time) / (0.5 * whole + 0.5 * recent);
  return static_cast<std::int64_t>(std::min(steps, 1e15));
}

Duration closing_reserve(const Limits& limits) {
  if (!limits.time) return Duration{0};
  return std::clamp<Duration>(*limits.time / 10, std::min<Duration>(1s, *limits.time / 4), 20s);
}

Limits scoring_reserve(const Limits& limits, const Limits& left, const SpendRates& rates,
                       Duration expected) {
  const auto kept = [](std::int64_t needed, std::int64_t closing, std::int64_t rest) {
    return std::clamp<std::int64_t>(needed * 3 / 2 - closing / 2, 0, rest / 4);
  };
  const double hours = in_seconds(expected) / 3600;
  Limits out;
  if (limits.time && left.time) {
    out.time =
        Duration(kept(expected.count(), closing_reserve(limits).count(), left.time->count()));
  }
  if (limits.energy && left.energy && rates.power) {
    const std::int64_t needed = (*rates.power * expected).nanojoules;
    out.energy = Energy{kept(needed, limits.energy->nanojoules / 10, left.energy->nanojoules)};
  }
  if (limits.money && left.money && rates.per_hour &&
      rates.per_hour->currency == limits.money->currency) {
    const auto needed =
        static_cast<std::int64_t>(static_cast<double>(rates.per_hour->billionths) * hours);
    out.money = *left.money;
    out.money->billionths = kept(needed, limits.money->billionths / 10, left.money->billionths);
  }
  if (limits.carbon && left.carbon && rates.grams_per_hour) {
    const auto needed = static_cast<std::int64_t>(*rates.grams_per_hour * hours * 1e6);
    out.carbon = Carbon{kept(needed, limits.carbon->micrograms / 10, left.carbon->micrograms)};
  }
  return out;
}

}  // namespace tenbin
