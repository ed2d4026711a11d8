// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/read.h"
#include "data/table.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

Result<Dataset> read(const std::string& name, const std::string& text,
                     const ReadOptions& options = {}) {
  TestFolder folder;
  FileSystem& files = real_file_system();
  EXPECT_TRUE(files.write_durable(folder / name, text).ok());
  return read_dataset(files, folder / name, options);
}

TEST(FormatLibsvm, AbsentValuesAreZeroAndTheLabelIsTheLastColumn) {
  const auto data = read("heart", "+1 1:0.5 3:-2\n-1 2:1e-3 # a remark\n\n+1 qid:7 1:1\n");
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->format, "libsvm") << "told by content: the name has no ending";
  ASSERT_EQ(data->table.columns.size(), 5u) << "f1 f2 f3 qid label";
  EXPECT_EQ(data->table.rows, 3);
  EXPECT_EQ(data->table.columns[0].numbers, (std::vector<double>{0.5, 0, 1}));
  EXPECT_EQ(data->table.columns[2].numbers, (std::vector<double>{-2, 0, 0}));
  EXPECT_TRUE(data->table.columns[3].missing(0)) << "no qid in this row";
  EXPECT_EQ(data->table.columns[4].name, "label");
  EXPECT_EQ(data->table.columns[4].numbers, (std::vector<double>{1, -1, 1}));
}

TEST(FormatLibsvm, IndicesMayBeginAtZero) {
  const auto data = read("a.svm", "1 0:5 1:6\n0 1:7\n");
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->table.columns[0].name, "f0");
  EXPECT_EQ(data->table.columns[1].numbers, (std::vector<double>{6, 7}));
}

TEST(FormatLibsvm, NewRowsMayEndEarlierThanTheModelsColumns) {
  TestFolder folder;
  FileSystem& files = real_file_system();
  ASSERT_TRUE(files.write_durable(folder / "n.svm", std::string_view("0 1:5\n")).ok());
  std::vector<ExpectedColumn> expected(3);
  for (const int i : {0, 1, 2})
    expected[static_cast<std::size_t>(i)].name = "f" + std::to_string(i + 1);
  const auto data = read_rows_like(files, folder / "n.svm", expected);
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->table.columns[2].name, "f3");
  EXPECT_EQ(data->table.columns[2].numbers, (std::vector<double>{0}));
}

TEST(FormatLibsvm, NamesTheLineThatIsWrong) {
  const struct {
    const char* why;
    std::string text;
    ErrorCode code;
    const char* where;
  } rows[] = {
      {"no label", "1 1:1\nx 1:2\n", ErrorCode::kMalformedData, "a.svm:2"},
      {"several labels", "1,2 1:1\n", ErrorCode::kMalformedData, "a.svm:1"},
      {"no colon", "1 1:1\n1 1:2 hello\n", ErrorCode::kMalformedData, "a.svm:2"},
      {"no value", "1 1:\n", ErrorCode::kMalformedData, "a.svm:1"},
      {"not ascending", "1 2:1 1:1\n", ErrorCode::kMalformedData, "a.svm:1"},
      {"twice", "1 2:1 2:1\n", ErrorCode::kMalformedData, "a.svm:1"},
      {"negative", "1 -2:1\n", ErrorCode::kMalformedData, "a.svm:1"},
      {"a million columns", "1 1000000:1\n", ErrorCode::kTooLarge, "a.svm:1"},
      {"comments only", "# nothing\n", ErrorCode::kEmptyData, "a.svm"},
  };
  for (const auto& row : rows) {
    const auto data = read("a.svm", row.text);
    ASSERT_FALSE(data.ok()) << row.why;
    EXPECT_EQ(data.error().code(), row.code) << row.why << ": " << data.error().to_string();
    EXPECT_NE(data.error().where().find(row.where), std::string::npos)
        << row.why << ": " << data.error().to_string();
  }
}

TEST(FormatLibsvm, RefusesMoreCellsThanTheMemoryAllowed) {
  ReadOptions options;
  options.memory_limit = Bytes{1'000};
  const auto data = read("a.svm", "1 16000:1\n", options);
  ASSERT_FALSE(data.ok()) << "16,000 doubles are more than 1,000 bytes";
  EXPECT_EQ(data.error().code(), ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace tenbin
