// SPDX-License-Identifier: Apache-2.0
#include "meter/attribution.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(Attribution, SplitsIdleAndBusyTime) {
  const Duration busy[] = {600ms, 300ms, 100ms};
  const Shares shares = attribute(joules(100), watts(40), 1s, {busy, {}});
  EXPECT_EQ(shares.idle, joules(40));
  EXPECT_EQ(shares.accounts, (std::vector<Energy>{joules(36), joules(18), joules(6)}));
  EXPECT_EQ(shares.unattributed, Energy{});
}

TEST(Attribution, LeftOverNanojoulesGoToTheLargestRemainders) {
  const struct {
    const char* why;
    std::int64_t total;
    std::vector<std::int64_t> weights, parts;
  } rows[] = {
      {"a tie goes to the lowest", 10, {1, 1, 1}, {4, 3, 3}},
      {"the larger remainders first", 100, {3, 3, 1}, {43, 43, 14}},
      {"a weight of zero gets nothing", 7, {0, 1}, {0, 7}},
      {"no weight at all", 7, {0, 0}, {0, 0}},
  };
  for (const auto& row : rows) {
    const auto parts = split_by_weight(Energy{row.total}, row.weights);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      EXPECT_EQ(parts[i].nanojoules, row.parts[i]) << row.why;
    }
  }
}

TEST(Attribution, IsConservedForAnyWeights) {
  std::uint64_t state = 42;
  const auto next = [&] {
    return (state = state * 6364136223846793005u + 1442695040888963407u) >> 20;
  };
  for (int round = 0; round < 10'000; ++round) {
    std::vector<Duration> busy(next() % 9);
    for (Duration& d : busy) d = Duration(static_cast<std::int64_t>(next() % 1'000'000'007));
    const Energy energy{static_cast<std::int64_t>(next() % 900'000'000'000)};
    const Duration rest(static_cast<std::int64_t>(next() % 3 * 1'000'003));
    const Shares shares =
        attribute(energy, watts(static_cast<double>(next() % 300)), 1s, {busy, rest});
    Energy sum = shares.idle + shares.unattributed;
    for (const Energy& part : shares.accounts) {
      EXPECT_GE(part.nanojoules, 0);
      sum += part;
    }
    ASSERT_EQ(sum, energy) << "round " << round;
  }
}

TEST(Attribution, LessThanIdleIsSaid) {
  const Shares shares = attribute(joules(30), watts(40), 1s, {{}, {}});
  EXPECT_TRUE(shares.idle_revised);
  EXPECT_EQ(shares.idle, joules(30));
}

}  // namespace
}  // namespace tenbin
