// SPDX-License-Identifier: Apache-2.0
#include "app/fit/pace.h"

#include <gtest/gtest.h>

#include "meter/prices.h"

namespace tenbin {
namespace {

TEST(BusyShare, IsTheClosingOfASmallBudgetTimesWhatOthersTook) {
  const struct {
    const char* why;
    Duration limit, wall, cpu, kept;
  } rows[] = {
      {"alone on the machine", 1s, 100ms, 100ms, 0s},
      {"several threads", 1s, 100ms, 180ms, 0s},
      {"half of the time went to others: the closing of 250 ms again", 1s, 100ms, 50ms, 250ms},
      {"a third of it: half of that", 1s, 150ms, 100ms, 125ms},
      {"never more than that", 1s, 1s, 1ms, 250ms},
      {"a long run keeps a second more", 5min, 10s, 5s, 1s},
  };
  for (const auto& row : rows) {
    Limits limits;
    limits.time = row.limit;
    EXPECT_EQ(busy_share(limits, Prices{}, row.wall, row.cpu).time, row.kept) << row.why;
  }
  EXPECT_FALSE(busy_share(Limits{}, Prices{}, 1s, 1ms).has_budget());
}

TEST(BusyShare, KnowsEveryBudget) {
  Limits limits;
  limits.energy = joules(4);
  limits.carbon = grams_co2e(1e-3);
  const Limits closing = closing_share(limits, Prices{});
  EXPECT_EQ(closing.energy, joules(1));
  const Limits kept = busy_share(limits, Prices{}, 200ms, 100ms);
  EXPECT_EQ(kept.energy, joules(1));
  EXPECT_EQ(kept.carbon, closing.carbon);
  EXPECT_GT(kept.carbon->micrograms, 0);
  EXPECT_FALSE(kept.time || kept.money);
}

}  // namespace
}  // namespace tenbin
