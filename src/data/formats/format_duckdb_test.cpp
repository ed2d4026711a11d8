// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/duckdb/duckdb_rows.h"
#include "data/duckdb/test_database.h"
#include "data/formats/database_case.h"

namespace tenbin {
namespace {

class FormatDuckdb : public DatabaseCase {
 protected:
  void SetUp() override {
    if (const auto version = duckdb_version(); !version.ok()) {
      GTEST_SKIP() << version.error().to_string();
    }
    const Status made = run_duckdb(
        path_,
        "CREATE TYPE mood AS ENUM ('glad', 'sad');"
        "CREATE TABLE one(de DECIMAL(9,2), hu HUGEINT, ub UBIGINT, iv INTERVAL, ts TIMESTAMP, "
        "tz TIMESTAMPTZ, da DATE, ti TIME, en mood, uu UUID, bo BOOLEAN, vc VARCHAR, fl FLOAT);"
        "INSERT INTO one VALUES (1.25, 170141183460469231731687303715884105727, "
        "18446744073709551615,"
        " INTERVAL 1 HOUR, '2021-03-04 05:06:07.8', '2021-03-04 05:06:07+00', '1969-12-31', "
        "'00:01:00', 'sad', '11111111-2222-3333-4444-555555555555', true, 'plain', 0.5),"
        "(NULL, NULL, NULL, NULL, 'infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'nan'),"
        "(-7.5, -1, 0, INTERVAL 1 DAY, '1970-01-01', '1970-01-01 00:00:00+00', '1970-01-02', "
        "'23:59:59', 'glad', '11111111-2222-3333-4444-555555555555', false, 'more', 1)");
    ASSERT_TRUE(made.ok()) << made.error().to_string();
  }
};

TEST_F(FormatDuckdb, EveryTypeOfASingleValueIsRead) {
  const auto data = ask("");
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->format, "duckdb");
  const Table& t = data->table;
  ASSERT_EQ(t.columns.size(), 13u);
  EXPECT_EQ(t.find("de")->numbers[0], 1.25);
  EXPECT_EQ(t.find("de")->numbers[2], -7.5);
  EXPECT_NEAR(t.find("hu")->numbers[0], 1.7014118346046923e38, 1e23);
  EXPECT_NEAR(t.find("ub")->numbers[0], 1.8446744073709552e19, 1e4);
  EXPECT_EQ(t.find("iv")->numbers[0], 3'600) << "seconds";
  EXPECT_EQ(t.find("ts")->times[0], 1'614'834'367) << "fractions are dropped";
  EXPECT_EQ(t.find("ts")->times[2], 0);
  EXPECT_EQ(t.find("tz")->times[0], 1'614'834'367);
  EXPECT_EQ(t.find("da")->times[0], -86'400);
  EXPECT_EQ(t.find("ti")->numbers[2], 86'399) << "seconds of the day";
  EXPECT_EQ(t.find("en")->text_at(0), "sad");
  EXPECT_EQ(t.find("uu")->text_at(0), "11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(t.find("bo")->type, ColumnType::kBoolean);
  EXPECT_EQ(t.find("vc")->text_at(2), "more");
  EXPECT_EQ(t.find("fl")->numbers[0], 0.5);
  for (const Column& column : t.columns) {
    EXPECT_TRUE(column.missing(1)) << column.name << ": null, NaN and infinity are missing";
  }
}

TEST_F(FormatDuckdb, NestedColumnsAreRefusedByName) {
  for (const char* value : {"[1, 2]", "{'a': 1}", "MAP {'a': 1}", "'ab'::BLOB", "array_value(1, 2)",
                            "union_value(n := 1)"}) {
    const auto data = ask(std::string("SELECT vc, ") + value + " AS odd FROM one");
    ASSERT_FALSE(data.ok()) << value;
    EXPECT_EQ(data.error().code(), ErrorCode::kMalformedData) << value;
    EXPECT_NE(data.error().message().find("'odd'"), std::string::npos)
        << value << ": " << data.error().to_string();
  }
}

TEST_F(FormatDuckdb, QueriesReadAndNothingElse) {
  EXPECT_EQ(ask("SELECT de FROM one WHERE de > 0;")->table.rows, 1);
  ASSERT_TRUE(files_.write_durable(folder_ / "secret.csv", std::string_view("a\n1\n")).ok());
  const std::string secret = folder_ / "secret.csv";
  const std::string tries[] = {
      "SELECT * FROM read_csv('" + secret + "')",
      "SELECT * FROM '" + secret + "'",
      "SELECT content FROM read_text('" + secret + "')",
      "SELECT 1 AS a) ; DROP TABLE one; SELECT * FROM (SELECT 1 AS a",
      "SELECT getenv('HOME') AS a",
      "no sql at all",
  };
  for (const std::string& query : tries) EXPECT_FALSE(ask(query).ok()) << query;
  EXPECT_EQ(ask("")->table.rows, 3) << "nothing was changed";
}

TEST_F(FormatDuckdb, ATableIsNamedOrAlone) {
  ASSERT_TRUE(run_duckdb(path_, "CREATE TABLE \"two \"\"x\"\"\" AS SELECT 1 AS a, 2 AS b").ok());
  const auto which = ask("");
  ASSERT_FALSE(which.ok());
  EXPECT_EQ(which.error().code(), ErrorCode::kMissingArgument);
  const auto two = ask("", "two \"x\"");
  ASSERT_TRUE(two.ok()) << two.error().to_string();
  EXPECT_EQ(two->table.columns.size(), 2u);
  const auto near = ask("", "ones");
  ASSERT_FALSE(near.ok());
  EXPECT_NE(near.error().message().find("expected one of one"), std::string::npos);
}

TEST_F(FormatDuckdb, ParquetOfTheSameTypesIsReadAlike) {
  const std::string parquet = folder_ / "a.parquet";
  ASSERT_TRUE(run_duckdb(path_, "COPY (SELECT * EXCLUDE (iv, ti) FROM one) TO '" + parquet +
                                    "' (FORMAT parquet)")
                  .ok());
  const auto data = read_dataset(files_, parquet);
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->table.find("de")->numbers[2], -7.5);
  EXPECT_EQ(data->table.find("ts")->times[0], 1'614'834'367);
  EXPECT_EQ(data->table.find("en")->text_at(2), "glad");
}

TEST_F(FormatDuckdb, AQueryThatBlocksIsBrokenOff) {
  expect_broken_off(
      "SELECT count(*) AS n FROM range(10000000) a(i), range(10000000) b(j) "
      "WHERE (i * j) % 7 = 3");
}

}  // namespace
}  // namespace tenbin
