// SPDX-License-Identifier: Apache-2.0
#include "meter/counter.h"

#include <gtest/gtest.h>

#include "base/measurement.h"
#include "meter/window.h"

namespace tenbin {
namespace {

constexpr std::int64_t kJ = 1'000'000'000;  // [nJ]

TEST(Counter, StepsFollowTheCandidates) {
  const struct {
    const char* why;
    std::optional<std::int64_t> range;
    std::int64_t from, to;
    Duration dt;
    CountKind kind;
    std::int64_t lo, hi;  // [J]
  } rows[] = {
      {"a rise", 262'143 * kJ, 100 * kJ, 150 * kJ, 1s, CountKind::kExact, 50, 50},
      {"11 no change", 262'143 * kJ, 100 * kJ, 100 * kJ, 1s, CountKind::kExact, 0, 0},
      {"12 at the range, then 0", 1000 * kJ, 1000 * kJ, 0, 100ms, CountKind::kExact, 0, 0},
      {"15 the other common range", 65'532'610'987'000, 65'532 * kJ, 10 * kJ, 1s, CountKind::kExact,
       10, 11},
      {"13 no change, a wrap was possible", 500 * kJ, 7 * kJ, 7 * kJ, 1s, CountKind::kAmbiguous, 0,
       1000},
      {"17 range 0, rise", 0, 5 * kJ, 9 * kJ, 15s, CountKind::kExact, 4, 4},
      {"18 no range, rise", std::nullopt, 5 * kJ, 9 * kJ, 15s, CountKind::kExact, 4, 4},
      {"no range, rise over a long gap", std::nullopt, 5 * kJ, 9 * kJ, 100s, CountKind::kAmbiguous,
       4, 100'000},
      {"no range, fall", std::nullopt, 9 * kJ, 5 * kJ, 15s, CountKind::kUnknown, 0, 15'000},
      {"19 above its range: the range is not trusted", 100 * kJ, 150 * kJ, 160 * kJ, 1s,
       CountKind::kExact, 10, 10},
      {"a jump nobody could have used", 262'143 * kJ, 0, 5000 * kJ, 1s, CountKind::kReset, 0, 1000},
      {"reset, the new value fits", 262'143 * kJ, 5000 * kJ, 10 * kJ, 15s, CountKind::kReset, 10,
       15'000},
  };
  for (const auto& row : rows) {
    CounterFacts facts;
    facts.range = row.range;
    facts.unit = 61'036;
    const CounterStep step = counter_step(facts, {1s, row.from, {}}, {1s + row.dt, row.to, {}});
    EXPECT_EQ(step.kind, row.kind) << row.why;
    EXPECT_EQ(step.value.has_value(), row.kind == CountKind::kExact) << row.why;
    EXPECT_EQ(step.lo.nanojoules / kJ, row.lo) << row.why;
    EXPECT_LE(step.hi.nanojoules / kJ, row.hi) << row.why;
    EXPECT_GE(step.hi, step.lo) << row.why;
  }
}

TEST(Counter, SafeIntervalIsHalfAWrapAtMostPower) {
  CounterFacts facts;
  facts.range = 65'532 * kJ;
  EXPECT_NEAR(in_seconds(*safe_interval(facts)), 32.766, 1e-3);
  facts.range.reset();
  EXPECT_EQ(safe_interval(facts), std::nullopt);
}

// 37, 38: instants that do not advance are refused and change nothing.
TEST(EnergyTrack, RefusesTimeThatStandsStillOrRunsBack) {
  CounterFacts facts;
  facts.range = 262'143 * kJ;
  EnergyTrack track(facts, 1s);
  EXPECT_TRUE(track.add({1s, 0, {}}));
  EXPECT_TRUE(track.add({2s, 5 * kJ, {}}));
  EXPECT_FALSE(track.add({2s, 6 * kJ, {}}));
  EXPECT_FALSE(track.add({1s, 4 * kJ, {}}));
  EXPECT_EQ(track.between(1s, 2s).value, Energy{5 * kJ});
}

TEST(EnergyTrack, c20_another_range_begins_a_new_epoch) {
  CounterFacts facts, other;
  facts.range = 262'143 * kJ;
  other.range = 65'532 * kJ;
  EnergyTrack track(facts, 10s);
  EXPECT_TRUE(track.add({10s, 5 * kJ, {}}));
  EXPECT_TRUE(track.add({20s, 9 * kJ, {}}));
  track.begin_epoch(other, kFlagReset);
  EXPECT_TRUE(track.add({30s, 2 * kJ, {}}));
  EXPECT_TRUE(track.add({40s, 8 * kJ, {}}));
  const WindowEnergy across = track.between(10s, 40s);
  EXPECT_FALSE(across.value.has_value());
  EXPECT_EQ(across.lo, Energy{10 * kJ});
  EXPECT_EQ(across.hi, Energy{10 * kJ + 10'000 * kJ}) << "1,000 W over the seam of 10 s";
  EXPECT_EQ(track.between(30s, 40s).value, Energy{6 * kJ});
}

// 35: the wall clock is not among what a reading holds, so it cannot move anything.

// Random scripts against a truth kept apart. A reset always falls to a value below the last.
struct Script {
  std::uint64_t state;
  std::uint64_t next() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
  }
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(next()) % n; }
};

TEST(EnergyTrack, TruthLiesInTheIntervalOfTenThousandRandomScripts) {
  for (std::uint64_t seed = 1; seed <= 10'000; ++seed) {
    Script script{seed * 7919};
    CounterFacts facts;
    const std::int64_t range = (2'000 + script.below(60'000)) * kJ;
    facts.range = range;
    facts.unit = 1000;
    facts.plausible = watts(1000);
    const bool resets = script.below(4) == 0;
    const bool dense = script.below(2) == 0;
    EnergyTrack track(facts, 1s);
    Duration now = 1s;
    std::int64_t truth = 0, counter = script.below(range);
    ASSERT_TRUE(track.add({now, counter, {}}));
    Duration cut{};
    bool was_reset = false;
    for (int i = 0; i < 12; ++i) {
      const std::int64_t longest = dense ? range / (1001 * kJ) : 200;
      const Duration dt = Duration(1s) * (1 + script.below(std::max<std::int64_t>(1, longest - 1)));
      const std::int64_t used = script.below(1000 * dt / 1s) * kJ;
      now += dt;
      truth += used;
      if (resets && script.below(5) == 0) {
        was_reset = true;
        const std::int64_t after = std::min(used, std::max<std::int64_t>(0, counter / 2));
        counter = script.below(after / kJ + 1) * kJ;  // some of it flowed after the reset
      } else {
        counter = (counter + used) % range;
      }
      ASSERT_TRUE(track.add({now, counter, {}}));
      if (i == 5) cut = now - dt / 3;
    }
    const WindowEnergy all = track.between(1s, now);
    EXPECT_GE(all.lo.nanojoules, 0);
    if (!was_reset) {
      EXPECT_LE(all.lo.nanojoules, truth) << "seed " << seed;
      EXPECT_GE(all.hi.nanojoules, truth) << "seed " << seed;
    }
    if (!was_reset && dense) {
      ASSERT_TRUE(all.value.has_value()) << "seed " << seed;
      EXPECT_EQ(all.value->nanojoules, truth) << "seed " << seed;
    }
    const WindowEnergy left = track.between(1s, cut), right = track.between(cut, now);
    if (all.value && left.value && right.value) {
      EXPECT_EQ(*left.value + *right.value, *all.value) << "seed " << seed;
    }
    if (HasFailure()) return;
  }
}

TEST(EnergyTrack, MemoryIsBoundedAndOldWindowsKeepTheirSum) {
  CounterFacts facts;
  facts.never_falls = true;
  EnergyTrack track(facts, 1s);
  for (int i = 0; i < 200'000; ++i) track.add({1s * (i + 1), i * kJ, {}});
  EXPECT_LE(track.points().size(), 65'536u);
  EXPECT_EQ(track.between(1s, 200'000s).value, Energy{199'999 * kJ});
}

}  // namespace
}  // namespace tenbin
