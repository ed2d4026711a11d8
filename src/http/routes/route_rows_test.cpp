// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include "app/serve/rows.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

std::string header_of(int columns) {
  std::string out = "c0";
  for (int i = 1; i < columns; ++i) out += ",c" + std::to_string(i);
  return out + "\n";
}
std::string line_of(int columns) {
  std::string out = "0.5";
  for (int i = 1; i < columns; ++i) out += ",0.5";
  return out + "\n";
}

TEST(RouteRows, TakesTheColumnsOfTheOnlyInputInTheirOrder) {
  RouteCase server;
  const HttpResponse answer =
      server.ask("POST", "/v2/models/mlp/rows", header_of(64) + line_of(64) + line_of(64),
                 {{"content-type", "text/csv"}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json body = RouteCase::json(answer);
  EXPECT_EQ(body["rows"].items().size(), 2u);
  EXPECT_EQ(body["rows"].items()[0].members().front().second.items().size(), 10u);
  const HttpResponse narrow = server.ask("POST", "/v2/models/mlp/rows", header_of(3) + line_of(3),
                                         {{"content-type", "text/csv"}});
  EXPECT_EQ(narrow.status, 400);
  EXPECT_NE(narrow.body.find("found 3 columns, expected 64"), std::string::npos) << narrow.body;
  EXPECT_EQ(server.ask("POST", "/v2/models/mlp/rows", "x", {{"content-type", "image/png"}}).status,
            400);
}

std::vector<ValueInfo> columns() {
  return {{"age", ElementType::kFloat32, {-1, 1}},
          {"city", ElementType::kString, {-1, 1}},
          {"day", ElementType::kInt64, {-1, 1}}};
}

TEST(RouteRows, FindsColumnsByNameAndMakesTheirTypes) {
  const std::vector<ValueInfo> inputs = columns();
  const std::string csv =
      "extra,day,city,age\n"
      "1,1970-01-02,\"Paris, \"\"centre\"\"\",41.5\n"
      ",,,\n"
      "1,7,a\tb,1e3\r\n";
  const std::string json =
      R"({"rows":[{"age":41.5,"city":"Paris, \"centre\"","day":"1970-01-02","extra":1},)"
      R"({"city":null},{"day":7,"age":"1000","city":"a\tb"}]})";
  for (const bool use_json : {false, true}) {
    const auto tensors =
        tensors_of_rows(use_json ? json : csv, use_json ? RowsForm::kJson : RowsForm::kCsv, inputs);
    ASSERT_TRUE(tensors.ok()) << tensors.error().to_string();
    const auto age = (*tensors)[0].tensor.data<float>();
    EXPECT_EQ(age[0], 41.5f);
    EXPECT_TRUE(age[1] != age[1]) << "missing";
    EXPECT_EQ(age[2], 1000.0f);
    const auto city = (*tensors)[1].tensor.data<std::string>();
    EXPECT_EQ(city[0], "Paris, \"centre\"");
    EXPECT_EQ(city[1], "");
    EXPECT_EQ(city[2], "a b") << "white space as in training";
    const auto day = (*tensors)[2].tensor.data<std::int64_t>();
    EXPECT_EQ(day[0], 86'400);
    EXPECT_EQ(day[1], std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(day[2], 7);
  }
}

TEST(RouteRows, SaysWhichCellCannotBeTaken) {
  struct Row {
    const char* why;
    RowsForm form;
    std::string text;
    const char* says;
  };
  const std::vector<Row> rows = {
      {"a word for a number", RowsForm::kCsv, "age,city,day\nold,a,1\n", "'age' holds 'old'"},
      {"no such column", RowsForm::kCsv, "age,day\n1,1\n", "column 'city' is missing"},
      {"a short line", RowsForm::kCsv, "age,city,day\n1,a\n", "2 cells, expected 3"},
      {"an open quote", RowsForm::kCsv, "age,city,day\n1,\"a,1\n", "quote is not closed"},
      {"no rows", RowsForm::kCsv, "age,city,day\n", "no rows"},
      {"nothing", RowsForm::kCsv, "", "no rows"},
      {"half a day", RowsForm::kJson, R"([{"age":1,"city":"a","day":1.5}])", "whole number"},
      {"an object in a cell", RowsForm::kJson, R"([{"age":{}}])", "neither a number"},
      {"a row that is none", RowsForm::kJson, "[1]", "no object of columns"},
      {"not JSON", RowsForm::kJson, "[{", "not valid JSON"},
      {"a number alone", RowsForm::kJson, "1", "expected a JSON array"},
  };
  const std::vector<ValueInfo> inputs = columns();
  for (const Row& row : rows) {
    const auto tensors = tensors_of_rows(row.text, row.form, inputs);
    ASSERT_FALSE(tensors.ok()) << row.why;
    EXPECT_NE(tensors.error().to_string().find(row.says), std::string::npos)
        << row.why << ": " << tensors.error().to_string();
  }
  const ValueInfo image{"image", ElementType::kFloat32, {-1, 3, 8, 8}};
  const auto refused = tensors_of_rows("a\n1\n", RowsForm::kCsv, std::span(&image, 1));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kNotOffered);
}

}  // namespace
}  // namespace tenbin
