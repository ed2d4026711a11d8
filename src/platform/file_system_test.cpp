// SPDX-License-Identifier: Apache-2.0
#include "platform/file_system.h"

#include <gtest/gtest.h>

#include "platform/fakes/test_folder.h"

namespace tenbin {
namespace {

TEST(FileSystem, ReplacesAFileWholly) {
  TestFolder folder;
  FileSystem& files = real_file_system();
  const std::string path = folder / "a.txt";
  ASSERT_TRUE(files.write_durable(path, "one").ok());
  ASSERT_TRUE(files.write_durable(path, "two").ok());
  EXPECT_EQ(files.read_text(path, 10).value(), "two");
  EXPECT_EQ(files.list(folder.path())->size(), 1u) << "no temporary file stays";
  EXPECT_FALSE(files.write_durable(folder / "none/b", "x").ok());
}

TEST(FileSystem, NamesNeighboursOfWhatIsMissing) {
  TestFolder folder;
  FileSystem& files = real_file_system();
  ASSERT_TRUE(files.write_durable(folder / "train.csv", "x").ok());
  const auto missing = files.open(folder / "trian.csv");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code(), ErrorCode::kUnreadableData);
  EXPECT_NE(missing.error().hint().find("train.csv"), std::string::npos);
  const auto large = files.read_text(folder / "train.csv", 0);
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code(), ErrorCode::kTooLarge);
}

TEST(FileSystem, OpensOnlyBeneathTheFolder) {
  TestFolder folder;
  FileSystem& files = real_file_system();
  ASSERT_TRUE(files.make_folders(folder / "in/deep").ok());
  ASSERT_TRUE(files.write_durable(folder / "in/deep/a", "x").ok());
  ASSERT_TRUE(files.write_durable(folder / "out", "x").ok());
  EXPECT_TRUE(files.open_beneath(folder / "in", "deep/a").ok());
  for (const std::string& name :
       {std::string("../out"), std::string("/etc/passwd"), std::string("deep/../deep/a"),
        std::string("deep//a"), std::string("./deep/a"), std::string(""), std::string("deep\\a"),
        std::string("deep/a\0b", 8), std::string(5'000, 'a'), std::string("deep/"),
        std::string("deep")}) {
    const auto file = files.open_beneath(folder / "in", name);
    ASSERT_FALSE(file.ok()) << name;
    EXPECT_EQ(file.error().code(), ErrorCode::kUnsafePath) << name;
  }
}

TEST(FileSystem, LocksAgainstASecondHolder) {
  TestFolder folder;
  FileSystem& files = real_file_system();
  auto first = files.lock(folder / ".lock");
  ASSERT_TRUE(first.ok());
  const auto second = files.lock(folder / ".lock");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(exit_code(second.error().cause()), 1);
}

TEST(Paths, ComeApartAndTogether) {
  EXPECT_EQ(join_path("a/", "b"), "a/b");
  EXPECT_EQ(join_path("", "b"), "b");
  EXPECT_EQ(file_name("a/b.CSV"), "b.CSV");
  EXPECT_EQ(extension_of("a/b.CSV"), ".csv");
  EXPECT_EQ(extension_of(".hidden"), "");
  EXPECT_EQ(folder_of("b"), ".");
  EXPECT_EQ(folder_of("/b"), "/");
}

}  // namespace
}  // namespace tenbin
