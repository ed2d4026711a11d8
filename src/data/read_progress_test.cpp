// SPDX-License-Identifier: Apache-2.0
// What reading says of how far it is: each pass from its begin to its end, never backwards.
#include <gtest/gtest.h>

#include "data/duckdb/duckdb_rows.h"
#include "data/read.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

struct Told {
  std::string pass, unit;
  std::int64_t last = 0, total = 0;
  int times = 0;
  bool about = false;
};

struct ReadingTold : testing::Test {
  ReadOptions listening() {
    ReadOptions options;
    options.progress = [this](const ReadProgress& now) {
      if (told.empty() || told.back().pass != now.pass) told.push_back({now.pass, now.unit});
      Told& pass = told.back();
      EXPECT_GE(now.done, pass.last) << now.pass << " went backwards";
      EXPECT_TRUE(now.total == 0 || now.done <= now.total) << now.pass;
      pass.last = now.done;
      pass.total = now.total;
      pass.about = now.about;
      ++pass.times;
    };
    return options;
  }
  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(real_file_system().write_durable(folder / name, text).ok());
  }
  static std::string rows(int count, const char* head) {
    std::string text = head;
    for (int i = 0; i < count; ++i)
      text += std::to_string(i) + ",word" + std::to_string(i % 7) + "\n";
    return text;
  }
  std::string passes() const {
    std::string out;
    for (const Told& pass : told) out += (out.empty() ? "" : ", ") + pass.pass;
    return out;
  }
  TestFolder folder;
  std::vector<Told> told;
};

TEST_F(ReadingTold, ATableInFourPasses) {
  if (!duckdb_version().ok()) GTEST_SKIP() << "no DuckDB";
  write("t.csv", rows(20'000, "a,b\n"));
  ASSERT_TRUE(read_dataset(real_file_system(), folder / "t.csv", listening()).ok());
  ASSERT_EQ(passes(), "checking the text, finding types, reading rows, taking the checksum");
  const std::int64_t size = real_file_system().info(folder / "t.csv")->size;
  EXPECT_EQ(told[0].last, size);
  EXPECT_EQ(told[1].unit, "rows");
  EXPECT_EQ(told[1].total, 20'000);
  EXPECT_TRUE(told[1].about) << "lines are not yet rows";
  EXPECT_EQ(told[2].last, 20'000);
  EXPECT_FALSE(told[2].about) << "the first pass counted them";
  EXPECT_GT(told[2].times, 3);
  EXPECT_EQ(told[3].last, size);
}

TEST_F(ReadingTold, RowsForAModelInOnePass) {
  if (!duckdb_version().ok()) GTEST_SKIP() << "no DuckDB";
  write("t.csv", rows(20'000, "a,b\n"));
  ExpectedColumn wanted;
  wanted.name = "a";
  ASSERT_TRUE(read_rows_like(real_file_system(), folder / "t.csv", {wanted}, listening()).ok());
  ASSERT_EQ(passes(), "checking the text, reading rows");
  EXPECT_EQ(told[1].last, 20'000);
}

TEST_F(ReadingTold, OurOwnTextFormatsInBytes) {
  write("t.arff", rows(20'000, "@relation r\n@attribute a numeric\n@attribute b string\n@data\n"));
  ASSERT_TRUE(read_dataset(real_file_system(), folder / "t.arff", listening()).ok());
  ASSERT_EQ(passes(), "reading rows");
  EXPECT_EQ(told[0].unit, "bytes");
  EXPECT_EQ(told[0].total, real_file_system().info(folder / "t.arff")->size);
  EXPECT_GT(told[0].times, 3);
}

TEST_F(ReadingTold, AFolderInFiles) {
  for (const char* name : {"spam", "ham"}) {
    ASSERT_TRUE(real_file_system().make_folders(folder / name).ok());
    for (int i = 0; i < 6; ++i) {
      write(std::string(name) + "/" + std::to_string(i) + ".txt", std::string(name) + " and more");
    }
  }
  ASSERT_TRUE(read_dataset(real_file_system(), folder.path(), listening()).ok());
  ASSERT_EQ(passes(), "reading texts");
  EXPECT_EQ(told[0].total, 12);
  EXPECT_EQ(told[0].times, 12);
}

TEST_F(ReadingTold, NobodyIsToldUnasked) {
  write("t.arff", rows(10, "@relation r\n@attribute a numeric\n@attribute b string\n@data\n"));
  EXPECT_TRUE(read_dataset(real_file_system(), folder / "t.arff").ok());
}

}  // namespace
}  // namespace tenbin
