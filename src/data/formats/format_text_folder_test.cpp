// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/formats/class_folders.h"
#include "data/read.h"
#include "data/table.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

class FormatTextFolder : public ::testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) {
    ASSERT_TRUE(files_.make_folders(folder_of(folder_ / name)).ok());
    ASSERT_TRUE(files_.write_durable(folder_ / name, text).ok());
  }
  TestFolder folder_;
  FileSystem& files_ = real_file_system();
};

TEST_F(FormatTextFolder, ReadsJsonFieldsAndLeavesOutWhatGivesTheClassAway) {
  put("spam-1/001.aa.json", R"({"id":"001","group":"spam-1","n":1.5,"x":{"a":1},"text":"buy"})");
  put("spam-2/001.bb.json", R"({"id":"001","group":"spam-2","n":2,"text":"buy now"})");
  put("ham-1/001.cc.json", R"({"id":"001","group":"ham-1","text":"dear friend"})");
  put("list.json", "[]");
  ReadOptions options;
  options.classes = {"spam=spam-*", "ham=*"};
  const auto data = read_dataset(files_, folder_.path(), options);
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  ASSERT_EQ(data->table.rows, 3);
  ASSERT_EQ(data->table.columns.size(), 3u) << "n, text, label";
  ASSERT_NE(data->table.find("n"), nullptr);
  EXPECT_TRUE(data->table.find("n")->missing(0)) << "ham-1 comes first and lacks n";
  EXPECT_EQ(data->table.find("label")->text_at(0), "ham");
  EXPECT_EQ(data->table.find("label")->text_at(2), "spam");
  EXPECT_EQ(data->table.find("label")->dictionary.size(), 2u) << "two spam folders are one class";
  EXPECT_EQ(data->table.find("group"), nullptr);
  EXPECT_EQ(data->table.find("id"), nullptr);
}

TEST_F(FormatTextFolder, ReadsPlainTextAndGivenTestFolders) {
  put("train/good/1.txt", "fine");
  put("train/bad/1.txt", "caf\xE9");
  put("test/good/1.txt", "nice");
  const auto data = read_dataset(files_, folder_.path());
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->given_test, (std::vector<std::uint8_t>{0, 0, 1}));
  EXPECT_EQ(data->table.find("text")->text_at(0), "caf\xC3\xA9") << "Latin-1 is converted";
  EXPECT_EQ(data->table.find("label")->text_at(2), "good");
}

TEST_F(FormatTextFolder, TellsWhatIsWrong) {
  put("a/1.json", "{\"text\":\"x\"");
  const auto cut = read_dataset(files_, folder_.path());
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().code(), ErrorCode::kMalformedData);
  EXPECT_NE(cut.error().where().find("1.json"), std::string::npos) << cut.error().to_string();
  put("a/1.json", "[1]");
  EXPECT_EQ(read_dataset(files_, folder_.path()).error().code(), ErrorCode::kMalformedData);
  put("a/1.json", "{\"text\":\"x\"}");
  ReadOptions options;
  options.classes = {"b=b*"};
  EXPECT_EQ(read_dataset(files_, folder_.path(), options).error().code(),
            ErrorCode::kUnusableTarget)
      << "no class takes in folder a";
}

TEST_F(FormatTextFolder, ReadsSpamAssassin) {
  const std::string path = "/usr/local/share/tenbin/datasets/spam-assassin";
  if (!files_.exists(path)) GTEST_SKIP() << path << " is not installed (scripts/setup)";
  ReadOptions options;
  options.classes = {"spam=spam-*", "ham=*ham-*"};
  const auto data = read_dataset(files_, path, options);
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->table.rows, 2500 + 1400 + 250 + 500 + 1396);
  ASSERT_EQ(data->table.columns.size(), 2u) << "text and label, nothing that gives it away";
  EXPECT_EQ(data->table.columns[0].type, ColumnType::kText);
}

TEST(MatchesPattern, Star) {
  EXPECT_TRUE(matches_pattern("*ham-*", "easy-ham-1"));
  EXPECT_TRUE(matches_pattern("*", ""));
  EXPECT_FALSE(matches_pattern("spam-*", "xspam-1"));
  EXPECT_FALSE(matches_pattern("a*b", "abc"));
}

}  // namespace
}  // namespace tenbin
