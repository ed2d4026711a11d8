// SPDX-License-Identifier: Apache-2.0
#include "plan/fit_plan.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(TrainingBudget, IsTheTightestLimitAsTime) {
  Limits left;
  EXPECT_FALSE(training_budget(left, {}, 0s).time) << "no limit, no budget";
  left.time = 100s;
  left.energy = joules(500);
  SpendRates rates;
  EXPECT_EQ(training_budget(left, rates, 10s).time, Duration(90s)) << "energy cannot be converted";
  rates.power = watts(10);
  const auto budget = training_budget(left, rates, 10s);
  EXPECT_EQ(budget.time, Duration(40s)) << "500 J at 10 W is 50 s, less the reserve";
  EXPECT_EQ(budget.from, "energy");
  left.time = 5s;
  EXPECT_EQ(training_budget(left, rates, 10s).time, Duration(0s)) << "never negative";
}

TEST(NetworkChoice, FollowsGoalsAndBudget) {
  const std::vector<NetworkProfile> nets = {
      {"big", 60s, 900us, 950us, Bytes{2'000'000}},
      {"middle", 10s, 200us, 300us, Bytes{800'000}},
      {"small", 2s, 50us, 60us, Bytes{100'000}},
  };
  const struct {
    const char* why;
    std::vector<std::string> limits;
    std::optional<Duration> budget;
    std::size_t index;
    std::int64_t epochs;
    bool meets;
  } rows[] = {
      {"no limits: the strongest", {}, std::nullopt, 0, 30, true},
      {"latency with a margin rules out the big one", {"p99=1ms"}, std::nullopt, 1, 30, true},
      {"time: the strongest that gets enough epochs", {}, 300s, 1, 30, true},
      {"time is short: the small one", {}, 30s, 2, 15, true},
      {"no time for enough epochs: the one that gets furthest", {}, 6s, 2, 3, true},
      {"size rules out two", {"size=200KB"}, std::nullopt, 2, 30, true},
      {"nothing is fast enough: the fastest, told", {"p99=10us"}, std::nullopt, 2, 30, false},
  };
  for (const auto& row : rows) {
    const auto limits = parse_limits(row.limits);
    ASSERT_TRUE(limits.ok());
    const auto choice = choose_network(nets, *limits, {row.budget, "time"}, 8, 30);
    EXPECT_EQ(choice.index, row.index) << row.why;
    EXPECT_EQ(choice.epochs, row.epochs) << row.why;
    EXPECT_EQ(choice.meets_goals, row.meets) << row.why;
    EXPECT_FALSE(choice.why.empty());
  }
}

TEST(StepsWithin, FollowThePaceOfTheRun) {
  const struct {
    const char* why;
    std::optional<Duration> budget;
    Pace pace;
    std::optional<std::int64_t> steps;
  } rows[] = {
      {"no budget", std::nullopt, {100, 10, 10s, 1s}, std::nullopt},
      {"no step yet: nothing is known", 100s, {0, 0, 3s, 3s}, std::nullopt},
      {"an even pace", 100s, {100, 10, 10s, 1s}, 980},
      {"slower of late: between the two", 100s, {100, 10, 10s, 3s}, 490},
      {"nothing in the last seconds: the run's", 100s, {100, 0, 10s, 5s}, 980},
      {"nothing left", 0s, {100, 10, 10s, 1s}, 0},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(steps_within({row.budget, "time"}, row.pace), row.steps) << row.why;
  }
}

TEST(ClosingReserve, StaysInsideTheLimit) {
  Limits limits;
  EXPECT_EQ(closing_reserve(limits), Duration(0s));
  limits.time = 5min;
  EXPECT_EQ(closing_reserve(limits), Duration(20s));
  limits.time = 20s;
  EXPECT_EQ(closing_reserve(limits), Duration(2s));
  limits.time = 1s;
  EXPECT_EQ(closing_reserve(limits), Duration(250ms));
}

TEST(ScoringReserve, IsWhatTheClosingReserveDoesNotCover) {
  const struct {
    const char* why;
    std::optional<Duration> limit, left;
    Duration expected, kept;
  } rows[] = {
      {"no limit of time", std::nullopt, std::nullopt, 100s, 0s},
      {"few test rows: the closing reserve is enough", 60s, 40s, 1s, 0s},
      {"half more than expected, less half of the reserve of 6 s", 60s, 40s, 6s, 6s},
      {"never more than a quarter of what training has", 60s, 40s, 60s, 10s},
      {"training has nothing", 60s, 0s, 60s, 0s},
  };
  for (const auto& row : rows) {
    Limits limits, left;
    limits.time = row.limit;
    left.time = row.left;
    EXPECT_EQ(scoring_reserve(limits, left, {}, row.expected).time.value_or(0s), row.kept)
        << row.why;
  }
}

TEST(ScoringReserve, CoversEveryBudgetThatTheRatesCanTell) {
  Limits limits, left;
  limits.energy = left.energy = joules(1'000);
  limits.carbon = Carbon{1'000'000};
  left.carbon = Carbon{40'000};
  limits.money = left.money = Money{1'000'000'000, {}};
  SpendRates rates;
  const Limits untold = scoring_reserve(limits, left, rates, 36s);
  EXPECT_FALSE(untold.time || untold.energy || untold.money || untold.carbon);
  rates.power = Power{10};
  rates.per_hour = Money{10'000'000'000, {}};
  rates.grams_per_hour = 10;
  const Limits kept = scoring_reserve(limits, left, rates, 36s);
  EXPECT_FALSE(kept.time) << "there is no limit of time";
  EXPECT_NEAR(in_joules(*kept.energy), 250, 1e-6) << "never more than a quarter of what is left";
  EXPECT_EQ(kept.money->billionths, 100'000'000) << "half more than 0.1, less half of a tenth of 1";
  EXPECT_EQ(kept.carbon->micrograms, 10'000) << "a quarter of what is left";
}

}  // namespace
}  // namespace tenbin
