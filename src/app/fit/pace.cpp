// SPDX-License-Identifier: Apache-2.0
#include "app/fit/pace.h"

#include "meter/meter.h"
#include "platform/clock.h"

namespace tenbin {
namespace {

constexpr Duration kRecent = 10s;

SpendRates spend_rates(const LearnContext& c) {
  SpendRates rates;
  rates.power = c.meter.power_now();
  if (rates.power) {
    const Energy hour = *rates.power * Duration(3600s);
    rates.per_hour = c.prices.cost(hour, 3600s);
    rates.grams_per_hour = in_grams(c.prices.emissions(hour));
  }
  return rates;
}

}  // namespace

TrainingBudget training_time_left(const LearnContext& c) {
  return training_budget(c.watch.left(), spend_rates(c), Duration{0});
}

void keep_for_scoring(const LearnContext& c, Duration expected) {
  c.watch.keep_back(scoring_reserve(c.limits, c.watch.left(), spend_rates(c), expected));
}

std::optional<std::int64_t> PaceKeeper::affordable_steps(std::int64_t step) {
  const Duration now = context_.clock.steady_now();
  if (!first_) {
    first_ = recent_first_ = step;
    began_ = recent_began_ = now;
    return {};
  }
  const Pace pace{step - *first_, step - recent_first_, now - began_, now - recent_began_};
  if (pace.recent >= kRecent) {
    recent_first_ = step;
    recent_began_ = now;
  }
  const auto more = steps_within(training_time_left(context_), pace);
  return more ? std::optional(step + *more) : std::nullopt;
}

}  // namespace tenbin
