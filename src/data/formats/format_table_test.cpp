// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/duckdb/duckdb_rows.h"
#include "data/duckdb/test_database.h"
#include "data/read.h"
#include "data/table.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

class FormatTable : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto version = duckdb_version(); !version.ok()) {
      GTEST_SKIP() << version.error().to_string();
    }
  }
  Result<Dataset> read(const std::string& name, const std::string& text,
                       const ReadOptions& options = {}) {
    EXPECT_TRUE(files_.write_durable(folder_ / name, text).ok());
    return read_dataset(files_, folder_ / name, options);
  }
  TestFolder folder_;
  FileSystem& files_ = real_file_system();
};

TEST_F(FormatTable, InfersTypesAndTellsMissing) {
  const auto data = read("a.csv", "n,s,b\n1,x,true\n?,y,false\n3.5,x,true\n1,x,true\n");
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  ASSERT_EQ(data->table.columns.size(), 3u);
  EXPECT_EQ(data->table.columns[0].type, ColumnType::kNumber);
  EXPECT_TRUE(data->table.columns[0].missing(1)) << "? is a missing value";
  EXPECT_EQ(data->table.columns[1].type, ColumnType::kCategory);
  EXPECT_EQ(data->table.columns[2].type, ColumnType::kBoolean);
}

TEST_F(FormatTable, ReadsTabsJsonAndQueries) {
  EXPECT_EQ(read("a.tsv", "a\tb\n1\t2\n3\t4\n")->table.rows, 2);
  const auto lines = read("a.jsonl", "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}\n");
  ASSERT_TRUE(lines.ok()) << lines.error().to_string();
  EXPECT_EQ(lines->table.columns.size(), 2u);
  ReadOptions options;
  options.query = "SELECT a FROM data WHERE CAST(a AS INT) > 1";
  const auto some = read("b.csv", "a,b\n1,2\n3,4\n", options);
  ASSERT_TRUE(some.ok()) << some.error().to_string();
  EXPECT_EQ(some->table.rows, 1);
}

TEST_F(FormatTable, NamesClassesFromACountHeader) {
  ReadOptions options;
  options.label_name = "diagnosis";
  const auto data = read("c.csv", "3,2,bad,good\n1,2,0\n3,4,1\n5,6,1\n", options);
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  ASSERT_EQ(data->table.columns.size(), 3u);
  EXPECT_EQ(data->table.columns[2].name, "diagnosis");
  EXPECT_EQ(data->table.columns[2].text_at(0), "bad");
}

TEST_F(FormatTable, FindsColumnNamesBehindACountHeader) {
  const auto data = read("d.csv", "3,2,\n\"A\",\"B\",\"C\"\n1,2,0.5\n3,4,1.5\n5,6,2.5\n");
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->table.rows, 3) << "neither the counts nor the names are a row";
  ASSERT_EQ(data->table.columns.size(), 3u);
  EXPECT_EQ(data->table.columns[2].name, "C");
  EXPECT_EQ(data->table.columns[2].type, ColumnType::kNumber);
  const auto ragged = read("e.csv", "3,2,\nA,B,C\n1,2,0.5\n3,4\n");
  ASSERT_FALSE(ragged.ok());
  EXPECT_NE(ragged.error().where().find("e.csv:4"), std::string::npos)
      << "the line is counted from the first: " << ragged.error().to_string();
}

TEST_F(FormatTable, ReadsLatin1Throughout) {
  const auto data = read("l.csv",
                         "stra\xdf"
                         "e,b\ncaf\xe9,1\nth\xe9,2\n");
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->table.columns[0].name,
            "stra\xc3\x9f"
            "e");
  EXPECT_EQ(data->table.columns[0].text_at(0), "caf\xc3\xa9");
  ASSERT_FALSE(data->notes.empty());
  EXPECT_NE(data->notes.back().find("Latin-1"), std::string::npos);
}

TEST_F(FormatTable, BlanksDivideWhatNothingElseDoes) {
  const auto data = read("b.csv", "width height kind\n1.5 2 left\n2.5 3 right\n3.5 4 left\n");
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  ASSERT_EQ(data->table.columns.size(), 3u);
  EXPECT_EQ(data->table.columns[1].numbers, (std::vector<double>{2, 3, 4}));
  ASSERT_FALSE(data->notes.empty());
  EXPECT_NE(data->notes.back().find("blanks"), std::string::npos);
  const auto runs = read("r.csv", "width  height kind\n 1.5    2 left\n 2.5    3 right\n");
  ASSERT_FALSE(runs.ok());
  EXPECT_NE(runs.error().message().find("runs of blanks (3 fields"), std::string::npos)
      << runs.error().to_string();
  EXPECT_NE(runs.error().hint().find("sed -E"), std::string::npos);
  const auto texts = read("t.csv", "text\ngood day\na long way home\n");
  ASSERT_TRUE(texts.ok()) << texts.error().to_string();
  EXPECT_EQ(texts->table.columns.size(), 1u) << "words of one column of texts";
}

TEST_F(FormatTable, ContentTellsWithoutAName) {
  ASSERT_TRUE(run_duckdb({}, "COPY (SELECT i AS a FROM range(5) t(i)) TO '" + (folder_ / "z.zst") +
                                 "' (FORMAT csv, COMPRESSION zstd); "
                                 "COPY (SELECT i AS a FROM range(5) t(i)) TO '" +
                                 (folder_ / "g.gz") +
                                 "' (FORMAT json, COMPRESSION gzip); "
                                 "COPY (SELECT i AS a FROM range(5) t(i)) TO '" +
                                 (folder_ / "p.x") + "' (FORMAT parquet)")
                  .ok());
  ASSERT_TRUE(files_.write_durable(folder_ / "c", "a,b\n1,2\n3,4\n5,6\n1,2\n3,4\n").ok());
  ASSERT_TRUE(files_.rename(folder_ / "z.zst", folder_ / "z").ok());
  ASSERT_TRUE(files_.rename(folder_ / "g.gz", folder_ / "g").ok());
  ASSERT_TRUE(files_.rename(folder_ / "p.x", folder_ / "p").ok());
  for (const auto& [name, format] : {std::pair<const char*, const char*>{"z", "csv"},
                                     {"g", "jsonl"},
                                     {"p", "parquet"},
                                     {"c", "csv"}}) {
    const auto told = format_by_content(files_, folder_ / name);
    ASSERT_TRUE(told.ok()) << name << ": " << told.error().to_string();
    EXPECT_EQ(*told, format) << name;
    ReadOptions options;
    options.format = *told;
    const auto data = read_dataset(files_, folder_ / name, options);
    ASSERT_TRUE(data.ok()) << name << ": " << data.error().to_string();
    EXPECT_EQ(data->table.rows, 5) << name;
    EXPECT_EQ(data->table.columns[0].name, "a") << name;
  }
}

TEST_F(FormatTable, ReadsCompressedFilesAlike) {
  const std::string plain = folder_ / "p.csv";
  const std::string packed = folder_ / "p.csv.zst";
  const std::string gzip = folder_ / "p.csv.gz";
  ASSERT_TRUE(run_duckdb({}, "COPY (SELECT i AS a, i % 2 AS b FROM range(50) t(i)) TO '" + packed +
                                 "' (FORMAT csv, COMPRESSION zstd); "
                                 "COPY (SELECT i AS a, i % 2 AS b FROM range(50) t(i)) TO '" +
                                 gzip + "' (FORMAT csv, COMPRESSION gzip)")
                  .ok());
  for (const std::string& path : {packed, gzip}) {
    const auto data = read_dataset(files_, path);
    ASSERT_TRUE(data.ok()) << path << ": " << data.error().to_string();
    EXPECT_EQ(data->table.rows, 50) << path;
    EXPECT_EQ(data->table.columns[0].name, "a") << path;
    const auto whole = files_.read_text(path, 1 << 20);
    ASSERT_TRUE(whole.ok());
    const std::string cut = folder_ / ("cut" + path.substr(path.rfind(".csv")));
    ASSERT_TRUE(files_.write_durable(cut, whole->substr(0, whole->size() - 12)).ok());
    const auto part = read_dataset(files_, cut);
    ASSERT_FALSE(part.ok()) << path << ": no row is lost silently";
    EXPECT_EQ(part.error().code(), ErrorCode::kMalformedData) << part.error().to_string();
  }
}

TEST_F(FormatTable, ANamedFormatDecidesBeforeTheName) {
  ReadOptions options;
  options.format = "jsonl";
  const auto data = read("lines.txt", "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}\n", options);
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->table.rows, 2);
  EXPECT_EQ(data->table.columns.size(), 2u);
}

TEST_F(FormatTable, OnlyColumnsThatNobodyExpectsAreGuesses) {
  ASSERT_TRUE(files_.write_durable(folder_ / "new.csv", "price1,prise3\n1,2\n").ok());
  std::vector<ExpectedColumn> expected(3);
  for (std::size_t i = 0; i < 3; ++i) expected[i].name = "price" + std::to_string(i + 1);
  const auto data = read_rows_like(files_, folder_ / "new.csv", expected, {});
  ASSERT_FALSE(data.ok());
  const std::string& told = data.error().message();
  EXPECT_NE(told.find("'price3' (is it 'prise3'?)"), std::string::npos) << told;
  EXPECT_EQ(told.find("is it 'price1'"), std::string::npos) << told;
}

TEST_F(FormatTable, NestedJsonIsRefusedByName) {
  const auto data = read("n.jsonl", "{\"a\":1,\"b\":[1,2]}\n{\"a\":2,\"b\":[]}\n");
  ASSERT_FALSE(data.ok());
  EXPECT_NE(data.error().message().find("'b' (LIST)"), std::string::npos)
      << data.error().to_string();
}

TEST_F(FormatTable, RefusesWhatIsBroken) {
  const struct {
    const char* why;
    const char* name;
    std::string text;
    ErrorCode code;
  } rows[] = {
      {"empty file", "e.csv", "", ErrorCode::kEmptyData},
      {"header alone", "h.csv", "a,b\n", ErrorCode::kEmptyData},
      {"ragged row", "r.csv", "a,b\n1,2\n3\n4,5,6\n", ErrorCode::kMalformedData},
      {"NUL byte", "n.csv", std::string("a,b\n1,\0\n", 8), ErrorCode::kMalformedData},
      {"quote not closed", "q.csv", "a,b\n1,\"two\n3,4\n", ErrorCode::kMalformedData},
      {"text after a quote", "t.csv", "a,b\n1,\"two\"x\n3,4\n", ErrorCode::kMalformedData},
      {"UTF-16", "u.csv",
       std::string("\xff\xfe"
                   "a\0,\0b\0",
                   8),
       ErrorCode::kMalformedData},
      {"Latin-1 in UTF-8", "m.csv", "a,b\ncaf\xc3\xa9,1\ncaf\xe9,2\n", ErrorCode::kMalformedData},
      {"bytes of no encoding", "o.csv", "a,b\n\x81\x82,1\n", ErrorCode::kMalformedData},
      {"a name twice", "d.csv", "a,a\n1,2\n", ErrorCode::kMalformedData},
      {"cut Parquet", "p.parquet", "PAR1 and nothing else", ErrorCode::kMalformedData},
      {"broken JSON", "j.jsonl", "{\"a\":1}\n{\"a\":\n", ErrorCode::kMalformedData},
      {"no such format", "x.bin", "\x01\x02\x03", ErrorCode::kUnknownFormat},
  };
  for (const auto& row : rows) {
    const auto data = read(row.name, row.text);
    ASSERT_FALSE(data.ok()) << row.why;
    EXPECT_EQ(data.error().code(), row.code) << row.why << ": " << data.error().to_string();
  }
  std::string commas;
  commas.assign(20'000, ',');
  commas.push_back('\n');
  const auto wide = read("w.csv", commas);
  ASSERT_FALSE(wide.ok());
  EXPECT_EQ(wide.error().code(), ErrorCode::kTooLarge) << "told before the table is read";
  const auto missing = read_dataset(files_, folder_ / "nothing.csv");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code(), ErrorCode::kUnreadableData);
}

}  // namespace
}  // namespace tenbin
