// SPDX-License-Identifier: Apache-2.0
#include "app/fit/pace.h"

#include <algorithm>
#include <cmath>

#include "meter/meter.h"
#include "platform/clock.h"

namespace tenbin {
namespace {

constexpr Duration kRecent = 10s;
// A second of closing on one thread of a server: what a small budget keeps, up to a quarter of it.
constexpr Duration kSmallClosing = 1s;
constexpr Energy kSmallClosingEnergy = joules(8);

struct SmallClosing {
  explicit SmallClosing(const Prices& prices)
      : money(prices.cost(kSmallClosingEnergy, kSmallClosing)),
        carbon(prices.emissions(kSmallClosingEnergy)) {}
  Money money;
  Carbon carbon;
};

SpendRates spend_rates(const PaceBudget& c) {
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

Limits closing_share(const Limits& limits, const Prices& prices) {
  const auto share = [](std::int64_t limit, std::int64_t closing) {
    return std::max(limit / 10, std::min(limit / 4, closing));
  };
  const SmallClosing small(prices);
  Limits out;
  if (limits.time) out.time = closing_reserve(limits);
  if (limits.energy) {
    out.energy = Energy{share(limits.energy->nanojoules, kSmallClosingEnergy.nanojoules)};
  }
  if (limits.money) {
    out.money = *limits.money;
    out.money->billionths = share(limits.money->billionths, small.money.billionths);
  }
  if (limits.carbon) {
    out.carbon = Carbon{share(limits.carbon->micrograms, small.carbon.micrograms)};
  }
  return out;
}

Limits busy_share(const Limits& limits, const Prices& prices, Duration wall, Duration cpu) {
  const double lost = std::clamp(in_seconds(wall) / std::max(in_seconds(cpu), 1e-9) - 1, 0.0, 1.0);
  const auto share = [lost](std::int64_t closing, std::int64_t small) {
    return std::llround(static_cast<double>(std::min(closing, small)) * lost);
  };
  const SmallClosing small(prices);
  Limits out = closing_share(limits, prices);
  if (out.time) out.time = Duration(share(out.time->count(), Duration(kSmallClosing).count()));
  if (out.energy) {
    out.energy->nanojoules = share(out.energy->nanojoules, kSmallClosingEnergy.nanojoules);
  }
  if (out.money) out.money->billionths = share(out.money->billionths, small.money.billionths);
  if (out.carbon) out.carbon->micrograms = share(out.carbon->micrograms, small.carbon.micrograms);
  return out;
}

PaceBudget pace_budget(const LearnContext& c) { return {c.watch, c.meter, c.prices, c.clock}; }

TrainingBudget training_time_left(const PaceBudget& c) {
  return training_budget(c.watch.left(), spend_rates(c), Duration{0});
}

void keep_for_scoring(const LearnContext& c, Duration expected) {
  c.watch.keep_back(
      scoring_reserve(c.limits, c.watch.left(), spend_rates(pace_budget(c)), expected));
}

std::optional<std::int64_t> PaceKeeper::affordable_steps(std::int64_t step) {
  const Duration now = budget_.clock.steady_now();
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
  const auto more = steps_within(training_time_left(budget_), pace);
  return more ? std::optional(step + *more) : std::nullopt;
}

}  // namespace tenbin
