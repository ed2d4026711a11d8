// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "meter/meter.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin {
namespace {

TEST(SourceConstant, IsPowerTimesTimeAndNeverCalledMeasured) {
  ManualClock clock;
  MeterOptions options;
  options.source = "constant";
  options.power = watts(40);
  auto meter = Meter::open(options, real_file_system(), clock, MachineFacts{});
  ASSERT_TRUE(meter.ok()) << meter.error().to_string();
  const Duration begin = (*meter)->sample();
  clock.advance(10s);
  const Duration end = (*meter)->sample();
  const EnergyEstimate e = (*meter)->between(begin, end);
  ASSERT_TRUE(e.value.has_value());
  EXPECT_NEAR(in_joules(*e.value), 400, 1e-6);
  EXPECT_EQ(e.provenance, Provenance::kConstant);
  EXPECT_EQ(e.grade, 'F');
  EXPECT_EQ((*meter)->tally_between(begin, end).of(Provenance::kMeasured), Energy{});
}

TEST(SourceConstant, NeedsAPower) {
  ManualClock clock;
  MeterOptions options;
  options.source = "constant";
  const auto meter = Meter::open(options, real_file_system(), clock, MachineFacts{});
  ASSERT_FALSE(meter.ok());
  EXPECT_EQ(meter.error().code(), ErrorCode::kMissingCapability);
  EXPECT_NE(meter.error().hint().find("--constant-power"), std::string::npos);
}

}  // namespace
}  // namespace tenbin
