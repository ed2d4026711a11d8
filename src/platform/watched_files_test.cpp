// SPDX-License-Identifier: Apache-2.0
#include "platform/watched_files.h"

#include <gtest/gtest.h>

#include "platform/fakes/fault_file_system.h"
#include "platform/fakes/test_folder.h"

namespace tenbin {
namespace {

struct Watched : testing::Test {
  std::size_t lines_with(const std::string& part) const {
    std::size_t count = 0;
    for (const std::string& line : lines) count += line.find(part) != line.npos ? 1 : 0;
    return count;
  }
  TestFolder folder;
  std::vector<std::string> lines;
  WatchedFiles files{real_file_system(),
                     [this](const std::string& line) { lines.push_back(line); }};
};

TEST_F(Watched, TellsOfEachFileOnceAndOfWhatIsWrittenByItsName) {
  ASSERT_TRUE(files.write_durable(folder / "model.onnx", std::string(2'000, 'x')).ok());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(files.read_text(folder / "model.onnx", 1 << 20)->size(), 2'000u);
  }
  EXPECT_FALSE(files.open(folder / "gone.csv").ok());
  EXPECT_EQ(lines_with("wrote " + (folder / "model.onnx") + ", 2 KB"), 1u);
  EXPECT_EQ(lines_with("opened " + (folder / "model.onnx") + ", 2 KB"), 1u);
  EXPECT_EQ(lines_with("cannot open " + (folder / "gone.csv")), 1u);
  EXPECT_EQ(lines_with(".part"), 0u) << "a temporary name tells nobody anything";
  EXPECT_EQ(files.totals(), "1 opened, 6 KB read; 1 written, 2 KB");
}

TEST_F(Watched, AFolderOfManyFilesHasFewLines) {
  for (int i = 0; i < 50; ++i) {
    const std::string path = folder / (std::to_string(i) + ".png");
    ASSERT_TRUE(real_file_system().write_durable(path, "12345").ok());
    ASSERT_TRUE(files.open(path).ok());
  }
  EXPECT_EQ(lines_with(".png"), 8u);
  EXPECT_EQ(lines_with("opened more of " + folder.path()), 1u);
  EXPECT_EQ(files.totals(), "50 opened, 0 B read; 0 written, 0 B");
}

TEST_F(Watched, FilesOfTheKernelAreCountedAlone) {
  ASSERT_TRUE(files.open("/proc/self/status").ok());
  EXPECT_FALSE(files.open("/sys/no/such/sensor").ok());
  EXPECT_TRUE(lines.empty());
  EXPECT_EQ(files.totals(), "0 opened, 0 B read; 0 written, 0 B; 2 of the kernel's");
}

TEST_F(Watched, AWriteThatFailsIsToldAndPassedUp) {
  FaultFileSystem full(real_file_system(), {.fail_at = 2});
  WatchedFiles watched(full, [this](const std::string& line) { lines.push_back(line); });
  EXPECT_FALSE(watched.write_durable(folder / "model.onnx", "text").ok());
  EXPECT_EQ(lines_with("cannot "), 1u) << (lines.empty() ? "nothing told" : lines.front());
}

}  // namespace
}  // namespace tenbin
