// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "meter/activity.h"
#include "meter/cpu_family.h"
#include "meter/meter.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin {
namespace {

struct FixedActivity : ActivityProbe {
  explicit FixedActivity(Activity& a) : now(a) {}
  Activity read() override { return now; }
  Activity& now;
};

struct CpuModel : testing::Test {
  Result<std::unique_ptr<Meter>> open() {
    MeterOptions options;
    options.sysfs = "/nowhere";
    options.proc = "/nowhere";
    options.cpu_tdp = watts(100);
    options.cpu_threads = 104;  // 1 W a thread: 1.04 x 100 / 104
    return Meter::open(options, real_file_system(), clock, MachineFacts{},
                       std::make_unique<FixedActivity>(activity));
  }
  ManualClock clock;
  Activity activity;
};

TEST_F(CpuModel, ChargesBusyTimeAndMemoryNotIdleTime) {
  auto meter = open();
  ASSERT_TRUE(meter.ok()) << meter.error().to_string();
  const Duration begin = (*meter)->sample();
  clock.advance(10s);
  activity.cpu += 4s;
  const Duration middle = (*meter)->sample();
  EXPECT_NEAR(in_joules(*(*meter)->between(begin, middle).value), 4.0, 1e-6);
  activity.memory = 1'000'000'000;
  clock.advance(10s);
  const Duration end = (*meter)->sample();
  EXPECT_NEAR(in_joules(*(*meter)->between(middle, end).value), 3.92, 1e-6) << "memory alone";
  const EnergyEstimate all = (*meter)->between(begin, end);
  EXPECT_EQ(all.provenance, Provenance::kModelled);
  EXPECT_EQ(all.scope, Scope::kProcess);
  EXPECT_LT(in_joules(all.lo), 5.7);
  EXPECT_GT(in_joules(all.hi), 8.5) << "the interval holds the model's error";
}

TEST_F(CpuModel, ALumpOfAChildsTimeIsKept) {
  auto meter = open();
  ASSERT_TRUE(meter.ok());
  const Duration begin = (*meter)->sample();
  clock.advance(100ms);
  activity.cpu += 60s;  // a child that was waited for just now
  const Duration end = (*meter)->sample();
  ASSERT_TRUE((*meter)->between(begin, end).value.has_value());
  EXPECT_NEAR(in_joules(*(*meter)->between(begin, end).value), 60, 1e-6);
}

TEST_F(CpuModel, SaysWhyItIsNotMeasuredAndHowItCouldBe) {
  auto meter = open();
  ASSERT_TRUE(meter.ok());
  const std::string text = (*meter)->describe();
  EXPECT_TRUE(text.starts_with("modelled (cpu_model")) << text;
  EXPECT_NE(text.find("because no powercap counters"), std::string::npos) << text;
  EXPECT_NE(text.find("to measure:"), std::string::npos) << text;
}

TEST(CpuFamily, IsFoundByVendorFamilyModelAndStepping) {
  const struct {
    const char* why;
    const char* cpuinfo;
    const char* family;
    double busy;
  } rows[] = {
      {"Zen 4 server",
       "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\nstepping\t: 1\n",
       "AMD EPYC, Zen 4", 2.28},
      {"same model, newer stepping: Cascade Lake",
       "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nstepping\t: 7\n",
       "Intel Cascade Lake", 3.97},
      {"same model, older stepping: Skylake",
       "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nstepping\t: 4\n",
       "Intel Skylake", 4.26},
      {"Zen 5 has no trusted constants",
       "vendor_id\t: AuthenticAMD\ncpu family\t: 26\nmodel\t: 2\n", "unknown CPU", 3.7},
      {"no cpuinfo", "", "unknown CPU", 3.7},
  };
  for (const auto& row : rows) {
    const ThreadPower power = thread_power(row.cpuinfo);
    EXPECT_EQ(power.family, row.family) << row.why;
    EXPECT_DOUBLE_EQ(power.busy.w, row.busy) << row.why;
    EXPECT_LE(power.gain_lo, 0.7) << row.why;
    EXPECT_GE(power.gain_hi, 1.3) << row.why;
  }
}

}  // namespace
}  // namespace tenbin
