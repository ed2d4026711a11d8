// SPDX-License-Identifier: Apache-2.0
#include "base/options.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

struct BatchOptions {
  int max_requests = 32;
  Duration max_wait = 5ms;
  bool greedy = false;
  std::vector<std::string> limit;
  template <class Fields> static void describe(Fields& f) {
    f("max_requests", &BatchOptions::max_requests, "Largest batch [requests].");
    f("max_wait", &BatchOptions::max_wait, "Longest wait [s].");
    f("greedy", &BatchOptions::greedy, "Take all.");
    f("limit", &BatchOptions::limit, "Limits.");
  }
};

TEST(Options, OneDeclarationGivesFlagJsonAndSchema) {
  BatchOptions object;
  const auto options = described(object);
  ASSERT_EQ(options.size(), 4u);
  EXPECT_EQ(options[1].flag(), "--max-wait");
  EXPECT_EQ(options[1].default_text, "5 ms");
  EXPECT_TRUE(options[2].is_switch);
  EXPECT_EQ(options_json(options).dump(),
            R"({"max_requests":"32","max_wait":"5 ms","greedy":"false","limit":""})");
  const Json schema = options_schema(options);
  EXPECT_EQ(schema["properties"]["max_requests"]["type"].as_string(), "integer");
  EXPECT_EQ(schema["properties"]["max_wait"]["format"].as_string(), "duration");
  EXPECT_EQ(schema["properties"]["max_wait"]["default"].as_string(), "5 ms");
  EXPECT_EQ(schema["properties"]["max_requests"]["default"].as_integer(), 32)
      << "a default has the type of its property";
  EXPECT_EQ(schema["properties"]["greedy"]["default"], Json(false));
  EXPECT_EQ(schema["properties"]["limit"]["type"].as_string(), "array");
  EXPECT_FALSE(schema["additionalProperties"].as_bool(true));
}

TEST(Options, SetByName) {
  const struct {
    const char *why, *name, *value;
    bool ok;
  } rows[] = {
      {"snake case", "max_wait", "20ms", true},
      {"kebab case", "max-wait", "20ms", true},
      {"unit missing", "max_wait", "20", false},
      {"text for a number", "max_requests", "many", false},
      {"more than 32 bits", "max_requests", "4294967296", false},
      {"trailing text", "max_requests", "5x", false},
      {"switch with a word", "greedy", "on", true},
      {"switch with nonsense", "greedy", "perhaps", false},
      {"unknown name", "max_wiat", "1s", false},
  };
  for (const auto& row : rows) {
    BatchOptions object;
    auto options = described(object);
    const Status status = set_option(options, row.name, row.value);
    EXPECT_EQ(status.ok(), row.ok) << row.why;
    if (row.ok) continue;
    EXPECT_EQ(status.error().cause(), Cause::kUsage) << row.why;
  }
  BatchOptions object;
  auto options = described(object);
  const Status near = set_option(options, "max_wiat", "1s");
  EXPECT_NE(near.error().message().find("max-wait"), std::string::npos) << "names the nearest";
  ASSERT_TRUE(set_option(options, "limit", "time=5min,p99=1ms").ok());
  EXPECT_EQ(object.limit, (std::vector<std::string>{"time=5min", "p99=1ms"}));
}

}  // namespace
}  // namespace tenbin
