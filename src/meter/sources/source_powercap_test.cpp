// SPDX-License-Identifier: Apache-2.0
// The exactness suite, cases A to J and their extension: a scripted counter tree, the truth in
// joules, and what must be reported. Defaults: 1,000 W plausible, range 262,143.33 J.
#include <gtest/gtest.h>

#include <cstdlib>

#include "meter/fakes/fake_tree.h"
#include "meter/meter.h"
#include "platform/clock.h"
#include "platform/fakes/test_folder.h"
#include "platform/machine.h"
#include "platform/process.h"

namespace tenbin {
namespace {

constexpr std::int64_t kRange = 262'143'328'850;  // [uJ]

struct Powercap : testing::Test {
  void start(Duration interval = 10s) {
    MeterOptions options;
    options.interval = interval;
    options.source = "powercap";
    auto opened = Meter::open(options, tree, clock, MachineFacts{});
    if (!opened.ok()) FAIL() << opened.error().to_string();
    meter = std::move(*opened);
    begin = meter->sample();
  }
  void at(Duration instant) {
    clock.wait_until(begin + instant);
    meter->sample();
  }
  EnergyEstimate all() { return meter->between(begin, clock.steady_now()); }
  void expect_exact(double joules_true) {
    const EnergyEstimate e = all();
    ASSERT_TRUE(e.value.has_value()) << e.reason;
    EXPECT_NEAR(in_joules(*e.value), joules_true, 1e-6);
    EXPECT_EQ(e.provenance, Provenance::kMeasured);
    EXPECT_LE(in_joules(e.lo), joules_true + 1e-9);
    EXPECT_GE(in_joules(e.hi), joules_true - 1e-9);
  }
  void expect_unknown(double lo, double hi, std::uint32_t flag) {
    const EnergyEstimate e = all();
    EXPECT_FALSE(e.value.has_value());
    EXPECT_NEAR(in_joules(e.lo), lo, 0.01);
    EXPECT_NEAR(in_joules(e.hi), hi, 0.01);
    EXPECT_TRUE(e.flags & flag);
    EXPECT_FALSE(e.reason.empty());
  }
  static constexpr std::int64_t uj(double j) { return static_cast<std::int64_t>(j * 1e6); }

  FakeTree tree;
  ManualClock clock;
  std::unique_ptr<Meter> meter;
  Duration begin{};
};

TEST_F(Powercap, A_two_sockets_with_dram_are_added) {
  const auto p0 = tree.zone("intel-rapl:0", "package-0", 0);
  const auto d0 = tree.zone("intel-rapl:0:0", "dram", 0);
  const auto p1 = tree.zone("intel-rapl:1", "package-1", 0);
  const auto d1 = tree.zone("intel-rapl:1:0", "dram", 0);
  start();
  tree.set(p0, uj(350));
  tree.set(d0, uj(35));
  tree.set(p1, uj(250));
  tree.set(d1, uj(25));
  at(15s);
  expect_exact(660);
  double packages = 0;
  for (const auto& part : meter->components_between(begin, clock.steady_now())) {
    if (part.scope == Scope::kPackage) packages += in_joules(*part.energy.value);
  }
  EXPECT_DOUBLE_EQ(packages, 600);
}

TEST_F(Powercap, B_one_wrap_is_exact) {
  const auto p = tree.zone("intel-rapl:0", "package-0", kRange - uj(40));
  start();
  tree.set(p, uj(60));
  at(15s);
  expect_exact(100);
}

TEST_F(Powercap, C_two_wraps_are_ambiguous_from_afar_and_exact_when_polled) {
  const std::int64_t range = uj(65'532);
  const auto p = tree.zone("intel-rapl:0", "package-0", uj(1000), range);
  start(10s);
  tree.set(p, uj(1100));
  at(600s);
  expect_unknown(100, 589'888, kFlagAmbiguous);
  // The same 131,164 J, read every 30 s.
  tree.set(p, uj(1000));
  start(10s);
  for (int i = 1; i <= 20; ++i) {
    tree.set(p, (uj(1000) + uj(131'164) * i / 20) % range);
    at(30s * i);
  }
  expect_exact(131'164);
}

TEST_F(Powercap, D_reset_is_not_a_wrap) {
  const auto p = tree.zone("intel-rapl:0", "package-0", uj(5000));
  start();
  tree.set(p, uj(10));
  at(15s);
  expect_unknown(10, 15'000, kFlagReset);
}

TEST_F(Powercap, E_fall_without_a_known_range_has_bounds_only) {
  const auto p = tree.zone("intel-rapl:0", "package-0", uj(262'104), -1);
  start();
  tree.set(p, uj(60));
  at(15s);
  expect_unknown(0, 15'000, kFlagAmbiguous);
}

TEST_F(Powercap, F_failed_read_is_a_gap_that_closes_exactly) {
  const auto p = tree.zone("intel-rapl:0", "package-0", uj(1000));
  start();
  tree.fail(p, true);
  at(7s);
  tree.fail(p, false);
  tree.set(p, uj(1300));
  at(15s);
  expect_exact(300);
  EXPECT_TRUE(all().flags & kFlagGap);
  EXPECT_EQ(all().max_gap, Duration(15s));
}

TEST_F(Powercap, G_psys_contains_the_package_and_is_never_added) {
  const auto p = tree.zone("intel-rapl:0", "package-0", 0);
  const auto s = tree.zone("intel-rapl:1", "psys", 0);
  start();
  tree.set(p, uj(100));
  tree.set(s, uj(180));
  at(15s);
  expect_exact(100);
  EXPECT_EQ(all().scope, Scope::kPackage);
  for (const auto& part : meter->components_between(begin, clock.steady_now())) {
    if (part.name != "psys") continue;
    EXPECT_DOUBLE_EQ(in_joules(*part.energy.value), 180);
    EXPECT_FALSE(part.counted);
  }
}

TEST_F(Powercap, H_msr_and_mmio_show_one_counter) {
  const auto a = tree.zone("intel-rapl:0", "package-0", 0);
  const auto b = tree.zone("intel-rapl-mmio:0", "package-0", 0);
  start();
  tree.set(a, uj(100));
  tree.set(b, uj(100));
  at(15s);
  expect_exact(100);
}

TEST_F(Powercap, I_mirrored_dies_count_once_after_eight_samples) {
  const auto a = tree.zone("intel-rapl:0", "package-0-die-0", 0);
  const auto b = tree.zone("intel-rapl:1", "package-0-die-1", 0);
  start();
  for (int i = 1; i <= 8; ++i) {
    if (i == 7) expect_unknown(51, 102, kFlagUndecided);
    tree.set(a, uj(8.5) * i);
    tree.set(b, uj(8.5) * i);
    at(1s * i);
  }
  expect_exact(68);
}

TEST_F(Powercap, J_independent_dies_are_added) {
  const auto a = tree.zone("intel-rapl:0", "package-0-die-0", 0);
  const auto b = tree.zone("intel-rapl:1", "package-0-die-1", 0);
  start();
  for (int i = 1; i <= 8; ++i) {
    tree.set(a, uj(30) * i / 8);
    tree.set(b, uj(38) * i / 8);
    at(1s * i);
  }
  expect_exact(68);
}

TEST_F(Powercap, TextIsReadStrictly) {
  const struct {
    const char* why;
    const char* text;
    bool usable;
  } rows[] = {
      {"21 letters", "abc\n", false},
      {"22 negative", "-5\n", false},
      {"23 no newline", "250000000", true},
      {"23 CRLF", "250000000\r\n", true},
      {"23 spaces", "  250000000 \n", true},
      {"24 above 2^64", "99999999999999999999\n", false},
      {"26 empty", "", false},
      {"two numbers", "250 000000\n", false},
  };
  for (const auto& row : rows) {
    const auto p = tree.zone("intel-rapl:0", "package-0", uj(200));
    start();
    tree.set_text(p, row.text);
    at(5s);
    const auto now = meter->between(begin, begin + 5s);
    EXPECT_EQ(now.value.has_value(), row.usable) << row.why;
    if (now.value) {
      EXPECT_DOUBLE_EQ(in_joules(*now.value), 50) << row.why;
    }
    tree.set(p, uj(300));
    at(10s);
    EXPECT_TRUE(meter->between(begin, begin + 10s).value.has_value()) << row.why;
    if (!row.usable) expect_exact(100);
  }
}

TEST_F(Powercap, c25_torn_digits_are_dropped_when_the_track_goes_on) {
  const auto p = tree.zone("intel-rapl:0", "package-0", uj(50'000));
  start(100ms);
  tree.set_text(p, "500\n");  // the front of 50,010 J
  at(100ms);
  tree.set(p, uj(50'020));
  at(200ms);
  expect_exact(20);
}

TEST_F(Powercap, c13_no_change_is_zero_only_if_a_wrap_was_impossible) {
  const auto p = tree.zone("intel-rapl:0", "package-0", uj(70), uj(65'532));
  start();
  at(15s);
  expect_exact(0);
  start();
  at(100s);
  EXPECT_FALSE(all().value.has_value()) << "100 s at 1,000 W could hide a wrap";
}

TEST_F(Powercap, c14_thousand_wraps_are_exact) {
  const std::int64_t range = uj(65'532);
  const auto p = tree.zone("intel-rapl:0", "package-0", 0, range);
  start(10s);
  std::int64_t truth = 0;
  Duration now{};
  while (truth < range * 1000) {
    truth += uj(29'999);
    now += 30s;
    tree.set(p, truth % range);
    at(now);
  }
  const EnergyEstimate e = all();
  ASSERT_TRUE(e.value.has_value());
  EXPECT_EQ(e.value->nanojoules, truth * 1000);
}

TEST_F(Powercap, c33_c39_c40_c41_topology) {
  // 39 and 41: cores and uncore lie inside; sockets with a gap in their numbers.
  const auto p0 = tree.zone("intel-rapl:0", "package-0", 0);
  const auto core = tree.zone("intel-rapl:0:0", "core", 0);
  const auto uncore = tree.zone("intel-rapl:0:1", "uncore", 0);
  const auto p3 = tree.zone("intel-rapl:3", "package-3", 0);
  // 33: a zone that is switched off
  const auto off = tree.zone("intel-rapl:4", "package-4", 0);
  tree.set("/sys/class/powercap/intel-rapl:4/enabled", 0);
  start();
  tree.set(p0, uj(100));
  tree.set(core, uj(60));
  tree.set(uncore, uj(10));
  tree.set(p3, uj(50));
  tree.set(off, uj(70));
  at(10s);
  expect_exact(150);
}

TEST_F(Powercap, c40_psys_alone_has_scope_platform) {
  const auto s = tree.zone("intel-rapl:0", "psys", 0);
  start();
  tree.set(s, uj(180));
  at(10s);
  expect_exact(180);
  EXPECT_EQ(all().scope, Scope::kPlatform);
}

TEST_F(Powercap, c34_suspend_closes_the_epoch) {
  const auto p = tree.zone("intel-rapl:0", "package-0", uj(1000));
  start();
  clock.suspend(3600s);
  tree.set(p, uj(1200));
  at(10s);
  EXPECT_FALSE(all().value.has_value());
  EXPECT_TRUE(all().flags & kFlagSuspended);
  tree.set(p, uj(1300));
  at(20s);
  const EnergyEstimate later = meter->between(begin + 10s, begin + 20s);
  ASSERT_TRUE(later.value.has_value());
  EXPECT_DOUBLE_EQ(in_joules(*later.value), 100) << "after it, all is well again";
}

TEST_F(Powercap, c48_a_larger_stated_power_widens_the_plausible) {
  const auto p = tree.zone("intel-rapl:0", "package-0", 0);
  tree.set("/sys/class/powercap/intel-rapl:0/constraint_0_max_power_uw", 2'000'000'000);
  start();
  tree.set(p, uj(15'000));
  at(10s);
  expect_exact(15'000);
}

TEST_F(Powercap, c27_a_refused_counter_names_the_file_and_the_remedy) {
  const auto p = tree.zone("intel-rapl:0", "package-0", 0);
  tree.fail(p, true);
  MeterOptions options;
  options.source = "powercap";
  const auto refused = Meter::open(options, tree, clock, MachineFacts{});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kMissingCapability);
  EXPECT_NE(refused.error().message().find(p), std::string::npos);
  EXPECT_NE(refused.error().hint().find("chmod"), std::string::npos);
}

TEST_F(Powercap, c47_two_meters_do_not_disturb_each_other) {
  const auto p = tree.zone("intel-rapl:0", "package-0", 0);
  start();
  const auto first = std::move(meter);
  start();
  tree.set(p, uj(100));
  clock.advance(10s);
  first->sample();
  meter->sample();
  EXPECT_EQ(first->between(begin, begin + 10s).value, meter->between(begin, begin + 10s).value);
}

TEST_F(Powercap, c16_a_counter_as_the_kernel_makes_it_errs_by_one_count_a_wrap) {
  // A register of 32 bits in units of 2^-14 J, shown in microjoules; it wraps at 2^32 counts, while
  // the range that is told is that of 2^32 - 1.
  constexpr std::int64_t kCount = 61'035;  // [nJ] and a fraction that the text loses
  const auto text = [](std::int64_t total) { return (total % (1LL << 32)) * kCount / 1000; };
  std::int64_t total = (1LL << 32) - 5'000'000;
  const auto p = tree.zone("intel-rapl:0", "package-0", text(total), text((1LL << 32) - 1));
  start(10s);
  std::int64_t used = 0;
  int wraps = 0;
  for (int i = 1; i <= 600; ++i) {
    const std::int64_t counts = 120'000'000;  // 732 W
    const std::int64_t before = total;
    total += counts;
    used += counts;
    wraps += before >> 32 != total >> 32;
    tree.set(p, text(total));
    at(10s * i);
  }
  ASSERT_GT(wraps, 10);
  const EnergyEstimate e = all();
  ASSERT_TRUE(e.value.has_value()) << e.reason;
  const std::int64_t truth = used * kCount;
  EXPECT_LE(std::abs(e.value->nanojoules - truth), (wraps + 1) * (kCount + 1000));
  EXPECT_LE(e.lo.nanojoules, truth);
  EXPECT_GE(e.hi.nanojoules, truth);
}

TEST_F(Powercap, c28_c29_c30_reads_refused_in_the_middle_close_exactly) {
  const auto p = tree.zone("intel-rapl:0", "package-0", uj(1000));
  start(1s);
  std::int64_t joules = 1000;
  for (int i = 1; i <= 12; ++i) {
    joules += 25;
    tree.set(p, uj(1) * joules);
    tree.fail(p, i == 3 || (i >= 6 && i <= 9));  // once, and for a while
    at(1s * i);
  }
  expect_exact(300);
  EXPECT_TRUE(all().flags & kFlagGap);
  EXPECT_EQ(all().max_gap, Duration(5s));
  const EnergyEstimate inside = meter->between(begin + 7s, begin + 8s);
  EXPECT_LE(in_joules(inside.lo), 25);
  EXPECT_GE(in_joules(inside.hi), 25) << "inside the gap it is told with its bounds";
}

TEST_F(Powercap, c31_a_zone_that_vanishes_and_returns_lower_was_reset) {
  const auto p = tree.zone("intel-rapl:0", "package-0", uj(9000));
  start(5s);
  tree.set(p, uj(9100));
  at(5s);
  tree.erase(p);
  at(10s);
  tree.set(p, uj(3));
  at(15s);
  tree.set(p, uj(103));
  at(20s);
  const EnergyEstimate e = all();
  EXPECT_FALSE(e.value.has_value()) << "what flowed while it was gone is not known";
  EXPECT_GE(in_joules(e.lo), 200);
  EXPECT_TRUE(e.flags & kFlagReset);
  EXPECT_DOUBLE_EQ(in_joules(*meter->between(begin + 15s, begin + 20s).value), 100);
}

TEST_F(Powercap, c32_a_zone_added_in_the_middle_changes_nothing) {
  const auto p = tree.zone("intel-rapl:0", "package-0", 0);
  start(5s);
  tree.set(p, uj(100));
  at(5s);
  const auto late = tree.zone("intel-rapl:1", "package-1", uj(70'000));
  tree.set(p, uj(200));
  tree.set(late, uj(70'400));
  at(10s);
  expect_exact(200);
}

TEST_F(Powercap, c36_a_late_wake_up_counts_the_time_that_really_passed) {
  const auto p = tree.zone("intel-rapl:0", "package-0", 0);
  start(100ms);
  Duration now{};
  for (int i = 1; i <= 50; ++i) {
    now += i % 10 == 0 ? Duration(105'600us) : Duration(100ms);
    tree.set(p, now / 1us * 40);  // 40 W
    at(now);
  }
  expect_exact(40 * in_seconds(now));
  EXPECT_NEAR(in_watts(*all().value / now), 40, 1e-6);
}

TEST_F(Powercap, c42_a_single_die_is_its_package) {
  const auto p = tree.zone("intel-rapl:0", "package-0-die-0", 0);
  start();
  tree.set(p, uj(100));
  at(10s);
  expect_exact(100);
}

TEST_F(Powercap, c46_the_core_zone_of_amd_is_shown_and_never_added) {
  const auto p = tree.zone("intel-rapl:0", "package-0", 0);
  const auto core = tree.zone("intel-rapl:0:0", "core", 0);
  start();
  tree.set(p, uj(100));
  tree.set(core, uj(4000));  // more than the package that holds it
  at(10s);
  expect_exact(100);
  bool shown = false;
  for (const auto& part : meter->components_between(begin, clock.steady_now())) {
    if (part.scope != Scope::kCores) continue;
    shown = true;
    EXPECT_FALSE(part.counted);
    EXPECT_DOUBLE_EQ(in_joules(*part.energy.value), 4000);
  }
  EXPECT_TRUE(shown);
}

// On a disk, as the kernel lays it out: real folders, and a flat folder of links to them, one of
// which leads back to itself; under a root of its own, as in a container.
TEST_F(Powercap, c43_c44_links_loops_and_another_root) {
  const TestFolder folder;
  ProcessOptions options;
  options.folder = folder.path();
  auto made = real_processes().start(
      {"sh", "-c",
       "d=host/devices/virtual/powercap/intel-rapl/intel-rapl:0; mkdir -p $d host/class/powercap; "
       "echo package-0 > $d/name; echo 1 > $d/enabled; echo 1000000 > $d/energy_uj; "
       "echo 262143328850 > $d/max_energy_range_uj; cd host/class/powercap; "
       "ln -s ../../devices/virtual/powercap/intel-rapl/intel-rapl:0 intel-rapl:0; "
       "ln -s intel-rapl:7 intel-rapl:7; ln -s ../powercap intel-rapl:8; chmod -R a-w ../.."},
      options);
  ASSERT_TRUE(made.ok());
  const auto end = (*made)->wait(20s);
  ASSERT_TRUE(end.ok() && end->has_value() && (*end)->exit_code == 0);
  MeterOptions meter_options;
  meter_options.source = "powercap";
  meter_options.sysfs = folder / "host";
  const auto opened = Meter::open(meter_options, real_file_system(), clock, MachineFacts{});
  ASSERT_TRUE(opened.ok()) << opened.error().to_string();
  (*opened)->sample();
  clock.advance(1s);
  (*opened)->sample();
  EXPECT_EQ((*opened)->components_between({}, 1s).size(), 1u);
  EXPECT_EQ((*opened)->between({}, 1s).value, Energy{});
}

TEST_F(Powercap, WindowsAddExactly) {
  const auto p = tree.zone("intel-rapl:0", "package-0", 0);
  start(1s);
  for (int i = 1; i <= 20; ++i) {
    tree.set(p, uj(7.3) * i * i);
    at(1s * i);
  }
  const Duration end = begin + 20s;
  for (int ms = 1; ms < 20'000; ms += 777) {
    const Duration cut = begin + ms * 1ms;
    const Energy left = *meter->between(begin, cut).value;
    EXPECT_EQ(left + *meter->between(cut, end).value, *meter->between(begin, end).value) << ms;
  }
}

}  // namespace
}  // namespace tenbin
