// SPDX-License-Identifier: Apache-2.0
// What so_far() promises: the joules seen, which never fall, however late a reading is.
#include "meter/meter.h"

#include <gtest/gtest.h>

#include "meter/fakes/fake_tree.h"
#include "platform/clock.h"
#include "platform/machine.h"

namespace tenbin {
namespace {

struct Moment {
  Duration at{};
  double package = 0, dram = 0;  // what the counters hold then [J]
  bool reads = true;             // whether a sample is taken
  bool dram_fails = false;
  double seen = 0;  // what so_far() must say [J]
};

TEST(Meter, JoulesSoFarNeverFall) {
  const struct {
    const char* why;
    std::vector<Moment> moments;
  } rows[] = {
      {"power falls: the time since a reading is not guessed at the old power",
       {{100ms, 10, 1, true, false, 11},
        {190ms, 10.1, 1, false, false, 11},
        {200ms, 10.2, 1, true, false, 11.2},
        {290ms, 10.2, 1, false, false, 11.2}}},
      {"a late reading: what is not known is left out, not put at the most it can be",
       {{100ms, 1, 0, true, false, 1},
        {2s, 3, 0, false, false, 1},
        {5s, 4, 0, false, false, 1},
        {6s, 5, 0, true, false, 5}}},
      {"one counter fails: both stand at the last instant at which both were read",
       {{100ms, 5, 2, true, false, 7},
        {200ms, 9, 2, true, true, 7},
        {300ms, 10, 6, true, false, 16}}},
      {"no reading but the first", {{50ms, 3, 1, false, false, 0}}},
  };
  for (const auto& row : rows) {
    FakeTree tree;
    ManualClock clock;
    const auto package = tree.zone("intel-rapl:0", "package-0", 0);
    const auto dram = tree.zone("intel-rapl:0:0", "dram", 0);
    MeterOptions options;
    options.source = "powercap";
    options.interval = 100ms;
    auto meter = Meter::open(options, tree, clock, MachineFacts{});
    ASSERT_TRUE(meter.ok()) << meter.error().to_string();
    const Duration begin = (*meter)->sample();
    Energy before;
    for (const Moment& moment : row.moments) {
      clock.wait_until(begin + moment.at);
      tree.set(package, static_cast<std::int64_t>(moment.package * 1e6));
      tree.set(dram, static_cast<std::int64_t>(moment.dram * 1e6));
      tree.fail(dram, moment.dram_fails);
      if (moment.reads) (*meter)->sample();
      const EnergyEstimate seen = (*meter)->so_far();
      ASSERT_TRUE(seen.value.has_value()) << row.why << ": " << seen.reason;
      EXPECT_NEAR(in_joules(*seen.value), moment.seen, 1e-6)
          << row.why << ", after " << to_text(moment.at);
      EXPECT_GE(*seen.value, before) << row.why;
      EXPECT_FALSE(seen.flags & kFlagExtrapolated) << row.why;
      before = *seen.value;
    }
  }
}

}  // namespace
}  // namespace tenbin
