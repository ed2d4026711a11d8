// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/read.h"
#include "data/table.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

const std::string kHeader =
    "% a comment\n@RELATION r\n@attribute 'a b' numeric\n@attribute c {no, 'yes sir'}\n"
    "@attribute t string\n@data\n";

TEST(FormatArff, ReadsNominalNumericAndMissing) {
  TestFolder folder;
  FileSystem& files = real_file_system();
  ASSERT_TRUE(
      files.write_durable(folder / "a.arff", kHeader + "1,no,'x, y'\n?,'yes sir',z\n%\n-2.5,?,z\n")
          .ok());
  const auto data = read_dataset(files, folder / "a.arff");
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->table.rows, 3);
  EXPECT_EQ(data->table.columns[0].name, "a b");
  EXPECT_TRUE(data->table.columns[0].missing(1));
  EXPECT_EQ(data->table.columns[1].text_at(1), "yes sir");
  EXPECT_TRUE(data->table.columns[1].missing(2));
  EXPECT_EQ(data->table.columns[2].text_at(0), "x, y");
}

TEST(FormatArff, ARowMayBeginWithAnAtSign) {
  TestFolder folder;
  FileSystem& files = real_file_system();
  const std::string text = "@relation r\n@attribute t string\n@data\n@someone\n@data\nx\n";
  ASSERT_TRUE(files.write_durable(folder / "a.arff", text).ok());
  const auto data = read_dataset(files, folder / "a.arff");
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->table.rows, 3) << "behind @data every line is a row";
  EXPECT_EQ(data->table.columns[0].rows(), 3);
}

TEST(FormatArff, NamesTheLineThatIsWrong) {
  const struct {
    const char* why;
    std::string text;
    const char* says;
  } rows[] = {
      {"too few values", kHeader + "1,no\n", "expected 3"},
      {"too many", kHeader + "1,no,x,y\n", "more than 3"},
      {"no number", kHeader + "abc,no,x\n", "numeric column"},
      {"no value of the list", kHeader + "1,maybe,x\n", "no value of 'c'"},
      {"unknown type", "@relation r\n@attribute a blob\n@data\n", "attribute type"},
      {"no data", "@relation r\n@attribute a numeric\n", "without @data"},
  };
  for (const auto& row : rows) {
    TestFolder folder;
    FileSystem& files = real_file_system();
    ASSERT_TRUE(files.write_durable(folder / "a.arff", row.text).ok());
    const auto data = read_dataset(files, folder / "a.arff");
    ASSERT_FALSE(data.ok()) << row.why;
    EXPECT_NE(data.error().message().find(row.says), std::string::npos)
        << row.why << ": " << data.error().to_string();
    EXPECT_NE(data.error().where().find("a.arff:"), std::string::npos) << row.why;
  }
}

}  // namespace
}  // namespace tenbin
