// SPDX-License-Identifier: Apache-2.0
#include "app/profile/machine_peaks.h"

#include <gtest/gtest.h>

#include "platform/clock.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin {
namespace {

// The wall clock is what the test says.
class Later : public ManualClock {
 public:
  std::int64_t wall_now_ns() override { return real_clock().wall_now_ns() + later.count(); }
  Duration later{};
};

TEST(MachinePeaks, AreMeasuredOnceAndKeptForTheSameCpuForThirtyDays) {
  const TestFolder folder;
  FileSystem& files = real_file_system();
  MachineFacts machine;
  machine.cpu_model = "Some CPU";
  Later clock;
  const PeaksRequest request{1, false, folder.path() + "/cache"};
  const auto first = machine_peaks(request, machine, files, clock);
  ASSERT_TRUE(first.ok()) << first.error().to_string();
  EXPECT_FALSE(first->from_cache);
  EXPECT_GT(first->roofline.float32, 0);
  ASSERT_FALSE(first->roofline.levels.empty());
  EXPECT_EQ(first->roofline.levels.back().name, "memory");
  EXPECT_GE(first->noise, 0);
  EXPECT_LE(first->noise, 1);

  const auto again = machine_peaks(request, machine, files, clock);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->from_cache);
  EXPECT_EQ(again->measured, first->measured);
  EXPECT_EQ(again->roofline.float32, first->roofline.float32);

  clock.later = std::chrono::hours(24 * 31);
  const auto old = machine_peaks(request, machine, files, clock);
  ASSERT_TRUE(old.ok());
  EXPECT_FALSE(old->from_cache);
  EXPECT_NE(old->note.find("30 days"), std::string::npos) << old->note;
  clock.later = {};
  EXPECT_FALSE(machine_peaks({1, true, request.folder}, machine, files, clock)->from_cache);
  machine.cpu_model = "Another";
  const auto other = machine_peaks(request, machine, files, clock);
  EXPECT_FALSE(other->from_cache);
  EXPECT_NE(other->note.find("another CPU"), std::string::npos) << other->note;
}

TEST(MachinePeaks, OfABusyMachineAreMeasuredAnewSoon) {
  const TestFolder folder;
  FileSystem& files = real_file_system();
  MachinePeaks busy;
  busy.roofline.float32 = 1e9;
  busy.roofline.levels = {{"memory", {}, 1e9}};
  busy.threads = 1;
  const struct {
    const char* why;
    double noise;
    std::chrono::minutes later;
    bool kept;
  } rows[] = {{"calm, an hour ago", 0.1, std::chrono::minutes(60), true},
              {"busy, now", 0.6, std::chrono::minutes(0), true},
              {"busy, a while ago", 0.6, std::chrono::minutes(11), false}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    busy.noise = row.noise;
    ASSERT_TRUE(files.write_durable(folder.path() + "/peaks-1.json", to_json(busy).dump()).ok());
    Later clock;
    clock.later = row.later;
    const auto peaks = machine_peaks({1, false, folder.path()}, {}, files, clock);
    ASSERT_TRUE(peaks.ok());
    EXPECT_EQ(peaks->from_cache, row.kept) << peaks->note;
  }
}

TEST(MachinePeaks, ABrokenCacheIsMeasuredAnewAndSaid) {
  const TestFolder folder;
  FileSystem& files = real_file_system();
  for (const char* text : {"{", "{\"schema\":\"tenbin.peaks/9\"}",
                           "{\"schema\":\"tenbin.peaks/1\",\"fp32_ops_per_second\":0}"}) {
    ASSERT_TRUE(files.write_durable(folder.path() + "/peaks-1.json", text).ok());
    const auto peaks = machine_peaks({1, false, folder.path()}, {}, files, real_clock());
    ASSERT_TRUE(peaks.ok());
    EXPECT_FALSE(peaks->from_cache);
    EXPECT_NE(peaks->note.find("cannot be used"), std::string::npos) << peaks->note;
  }
}

TEST(MachinePeaks, WithoutAFolderNothingIsKept) {
  const auto peaks = machine_peaks({1, false, {}}, {}, real_file_system(), real_clock());
  ASSERT_TRUE(peaks.ok());
  EXPECT_FALSE(peaks->from_cache);
  EXPECT_TRUE(peaks->note.empty()) << peaks->note;
}

}  // namespace
}  // namespace tenbin
