// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/formats/database_case.h"
#include "data/sqlite/test_database.h"

namespace tenbin {
namespace {

class FormatSqlite : public DatabaseCase {
 protected:
  void SetUp() override {
    ASSERT_TRUE(run_sqlite(path_,
                           "CREATE TABLE one(a INTEGER, b REAL, c TEXT, d TEXT);"
                           "INSERT INTO one VALUES (1, 0.1, 'x', '2021-03-04'), "
                           "(2, NULL, 'y, z', '2021-03-05'), (3, 1e300, 'x', NULL);"));
  }
};

TEST_F(FormatSqlite, ReadsTheOnlyTableWithTypes) {
  const auto data = ask("");
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->format, "sqlite");
  ASSERT_EQ(data->table.columns.size(), 4u);
  EXPECT_TRUE(data->table.columns[0].integral);
  EXPECT_EQ(data->table.columns[1].numbers[0], 0.1) << "the very double that was stored";
  EXPECT_EQ(data->table.columns[1].numbers[2], 1e300);
  EXPECT_TRUE(data->table.columns[1].missing(1));
  EXPECT_EQ(data->table.columns[2].text_at(1), "y, z");
  EXPECT_EQ(data->table.columns[3].type, ColumnType::kTime);
  EXPECT_EQ(data->digest.size(), 64u);
}

TEST_F(FormatSqlite, AsksWhatTheUserAsks) {
  const auto data = ask("SELECT a, b * 2 AS twice FROM one WHERE a < 3 ORDER BY a DESC;");
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->table.rows, 2);
  EXPECT_EQ(data->table.columns[0].numbers, (std::vector<double>{2, 1}));
  EXPECT_EQ(data->table.columns[1].numbers[1], 0.2);
  ASSERT_TRUE(run_sqlite(path_, "CREATE TABLE two AS SELECT a FROM one"));
  const auto which = ask("");
  ASSERT_FALSE(which.ok()) << "two tables, none named";
  EXPECT_EQ(which.error().code(), ErrorCode::kMissingArgument);
  EXPECT_NE(which.error().message().find("one, two"), std::string::npos);
  EXPECT_EQ(ask("", "two")->table.columns.size(), 1u);
}

TEST_F(FormatSqlite, OnlyReads) {
  const struct {
    const char* why;
    std::string query;
    ErrorCode code;
  } rows[] = {
      {"writing", "DELETE FROM one", ErrorCode::kMalformedData},
      {"another file", "ATTACH '/tmp/x.db' AS x", ErrorCode::kMalformedData},
      {"settings", "PRAGMA writable_schema=1", ErrorCode::kMalformedData},
      {"two statements", "SELECT 1 AS a; SELECT 2", ErrorCode::kMalformedData},
      {"no such column", "SELECT q FROM one", ErrorCode::kMalformedData},
      {"a name twice", "SELECT a, a FROM one", ErrorCode::kMalformedData},
      {"bytes", "SELECT x'00ff' AS a", ErrorCode::kMalformedData},
      {"nothing", "SELECT a FROM one WHERE a > 5", ErrorCode::kEmptyData},
      {"code from outside", "SELECT load_extension('x.so') AS a", ErrorCode::kUnreadableData},
  };
  for (const auto& row : rows) {
    const auto data = ask(row.query);
    ASSERT_FALSE(data.ok()) << row.why;
    EXPECT_EQ(data.error().code(), row.code) << row.why << ": " << data.error().to_string();
  }
  EXPECT_EQ(ask("")->table.rows, 3) << "nothing was changed";
}

TEST_F(FormatSqlite, ADamagedFileIsAnError) {
  auto bytes = files_.read_text(path_, 1 << 20);
  ASSERT_TRUE(bytes.ok());
  const std::string cut = folder_ / "cut.sqlite";
  ASSERT_TRUE(files_.write_durable(cut, std::string_view(*bytes).substr(0, 1'000)).ok());
  const auto data = read_dataset(files_, cut);
  ASSERT_FALSE(data.ok());
  EXPECT_EQ(data.error().code(), ErrorCode::kUnreadableData) << data.error().to_string();
}

TEST_F(FormatSqlite, AQueryThatBlocksIsBrokenOff) {
  expect_broken_off(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000000000) "
      "SELECT count(*) AS n FROM n");
}

}  // namespace
}  // namespace tenbin
