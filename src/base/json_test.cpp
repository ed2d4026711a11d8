// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/limits.h"

namespace tenbin {
namespace {

TEST(Json, ReadsAndWritesBack) {
  const struct {
    const char *why, *text;
    bool ok;
  } rows[] = {
      {"order of members stays", R"({"b":1,"a":[true,null,-2.5,"x"]})", true},
      {"escapes", R"(["\u00e9\n\"\\"])", true},
      {"pair of surrogates", R"(["\ud83d\ude00"])", true},
      {"empty", "", false},
      {"cut short", R"({"a":)", false},
      {"comma at the end", "[1,]", false},
      {"duplicate key", R"({"a":1,"a":2})", false},
      {"text after the value", "1 2", false},
      {"bare word", "nul", false},
      {"control byte in a string", "[\"\x01\"]", false},
      {"lone surrogate", R"(["\ud83d"])", false},
      {"leading zero", "[01]", false},
  };
  for (const auto& row : rows) {
    const auto value = Json::parse(row.text);
    EXPECT_EQ(value.ok(), row.ok) << row.why;
    if (!value.ok()) continue;
    const auto again = Json::parse(value->dump());
    ASSERT_TRUE(again.ok()) << row.why;
    EXPECT_EQ(*again, *value) << row.why;
  }
}

TEST(Json, DepthHasALimit) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(Json::parse(nested(limits::kJsonDepth)).ok()) << "at the limit";
  EXPECT_FALSE(Json::parse(nested(limits::kJsonDepth + 1)).ok()) << "one past it";
}

TEST(Json, WhatIsNoNumberIsNull) {
  Json list = Json::array();
  list.push(std::numeric_limits<double>::quiet_NaN());
  list.push(std::numeric_limits<double>::infinity());
  EXPECT_EQ(list.dump(), "[null,null]");
}

TEST(Json, ReadingAnotherTypeGivesTheFallback) {
  const Json object = Json::object({{"n", 3}});
  EXPECT_EQ(object["n"].as_number(), 3);
  EXPECT_EQ(object["missing"].as_integer(7), 7);
  EXPECT_TRUE(object["n"].items().empty());
  EXPECT_EQ(object["n"].as_string(), "");
}

}  // namespace
}  // namespace tenbin
