// SPDX-License-Identifier: Apache-2.0
#include "app/load/bench_rows.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

Json model(const char* text) { return *Json::parse(text); }

const char* const kTwoColumns =
    R"({"inputs":[{"name":"age","datatype":"FP32","shape":[-1,1]},
                  {"name":"town","datatype":"BYTES","shape":[-1,1]}]})";
const char* const kOneInput = R"({"inputs":[{"name":"x","datatype":"FP32","shape":[-1,2]}]})";

TEST(BenchRows, BecomeBodies) {
  struct Row {
    const char *why, *model, *csv;
    std::int64_t rows;
    bool binary;
    std::vector<const char*> json;
  };
  const std::vector<Row> rows = {
      {"columns by name, others left out; a line end within quotes, a space to the model",
       kTwoColumns,
       "id,town,age\n1,\"a\nb\",30\n2,c,41.5\n",
       1,
       false,
       {R"({"inputs":[{"name":"age","datatype":"FP32","shape":[1,1],"data":[30]},)"
        R"({"name":"town","datatype":"BYTES","shape":[1,1],"data":["a b"]}]})",
        R"({"inputs":[{"name":"age","datatype":"FP32","shape":[1,1],"data":[41.5]},)"
        R"({"name":"town","datatype":"BYTES","shape":[1,1],"data":["c"]}]})"}},
      {"all columns as the only input, two rows each; blank lines, and a row that is left over",
       kOneInput,
       "a,b\r\n1,2\r\n\r\n3,4\r\n5,6",
       2,
       false,
       {R"({"inputs":[{"name":"x","datatype":"FP32","shape":[2,2],"data":[1,2,3,4]}]})"}},
      {"binary tensors, where a value may be missing",
       kOneInput,
       "a,b\n1,\n",
       1,
       true,
       {R"({"parameters":{"binary_data_output":true},"inputs":[{"name":"x","datatype":"FP32",)"
        R"("shape":[1,2],"parameters":{"binary_data_size":8}}]})"}},
  };
  for (const Row& row : rows) {
    const auto found = bodies_of_rows(row.csv, model(row.model), row.rows, row.binary);
    ASSERT_TRUE(found.ok()) << row.why << ": " << found.error().to_string();
    ASSERT_EQ(found->size(), row.json.size()) << row.why;
    for (std::size_t i = 0; i < row.json.size(); ++i) {
      EXPECT_EQ((*found)[i].json, row.json[i]) << row.why;
      EXPECT_EQ((*found)[i].bytes.size(), row.binary ? 8u : 0u) << row.why;
    }
  }
}

TEST(BenchRows, SayWhatIsWrongWithThem) {
  struct Row {
    const char *why, *model, *csv;
    std::int64_t rows;
    const char* says;
  };
  const std::vector<Row> rows = {
      {"a column is missing", kTwoColumns, "town\na\n", 1, "'age'"},
      {"no number", kTwoColumns, "age,town\n1,a\nold,b\n", 1, "'old'"},
      {"where it is", kTwoColumns, "age,town\n1,a\nold,b\n", 1, "rows from 2 on"},
      {"a value is missing in JSON", kOneInput, "a,b\n1,\n", 1, "no number"},
      {"too many columns", kOneInput, "a,b,c\n1,2,3\n", 1, "expected 2"},
      {"too few rows", kOneInput, "a,b\n1,2\n", 3, "expected at least 3"},
      {"nothing", kOneInput, "", 1, "0 rows"},
      {"another type", R"({"inputs":[{"name":"x","datatype":"FP8","shape":[-1]}]})", "x\n1\n", 1,
       "'FP8'"},
      {"no inputs", "{}", "x\n1\n", 1, "no inputs"},
  };
  for (const Row& row : rows) {
    const auto found = bodies_of_rows(row.csv, model(row.model), row.rows, false);
    ASSERT_FALSE(found.ok()) << row.why;
    EXPECT_NE(found.error().to_string().find(row.says), std::string::npos)
        << row.why << ": " << found.error().to_string();
  }
}

}  // namespace
}  // namespace tenbin
