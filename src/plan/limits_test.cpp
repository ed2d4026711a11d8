// SPDX-License-Identifier: Apache-2.0
#include "plan/limits.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

Result<Limits> parse(std::vector<std::string> texts) { return parse_limits(texts); }

TEST(Limits, AreReadWithTheirUnits) {
  const auto limits = parse({"time=5min,p99=1ms", "size=300KB", "score=91%", "money=300JPY"});
  ASSERT_TRUE(limits.ok()) << limits.error().to_string();
  EXPECT_EQ(limits->time, Duration(5min));
  EXPECT_EQ(limits->p99, Duration(1ms));
  EXPECT_EQ(limits->size, Bytes{300'000});
  EXPECT_DOUBLE_EQ(*limits->score, 0.91);
  EXPECT_EQ(limits->money->currency.text(), "JPY");
  EXPECT_TRUE(limits->has_budget());
  EXPECT_TRUE(limits->has_goal());
}

TEST(Limits, RefuseWhatCannotBe) {
  const struct {
    const char* why;
    std::string text;
    ErrorCode code;
    const char* says;
  } rows[] = {
      {"a unit is asked for", "time=5", ErrorCode::kBadValue, "unit is missing"},
      {"a slip is answered by the nearest name", "p9=1ms", ErrorCode::kUnknownOption, "p99"},
      {"no amount", "time", ErrorCode::kBadValue, "expected name=amount"},
      {"zero time", "time=0s", ErrorCode::kImpossibleLimit, "zero"},
      {"zero latency", "p99=0ms", ErrorCode::kImpossibleLimit, "zero"},
      {"a score above the best", "score=120%", ErrorCode::kImpossibleLimit, "above 1"},
      {"a wrong unit", "energy=5min", ErrorCode::kBadValue, "unknown unit 'min'"},
      {"which of the two would hold", "time=5s,p99=1ms,time=9s", ErrorCode::kImpossibleLimit,
       "time is limited twice"},
      {"negative", "energy=-5J", ErrorCode::kBadValue, "negative"},
  };
  for (const auto& row : rows) {
    const auto limits = parse({row.text});
    ASSERT_FALSE(limits.ok()) << row.why;
    EXPECT_EQ(limits.error().code(), row.code) << row.why;
    EXPECT_NE(limits.error().message().find(row.says), std::string::npos)
        << row.why << ": " << limits.error().message();
  }
}

TEST(Limits, AllMistakesAreToldAtOnce) {
  const auto limits = parse({"time=5", "p9=1ms"});
  ASSERT_FALSE(limits.ok());
  EXPECT_NE(limits.error().message().find("unit is missing"), std::string::npos);
  EXPECT_NE(limits.error().message().find("p99"), std::string::npos);
}

TEST(Limits, ChecksSayWhatIsMissing) {
  const auto limits = parse({"p99=1ms,size=300KB,score=0.9,time=5min,money=1usd"});
  ASSERT_TRUE(limits.ok());
  Reached reached;
  reached.p99 = 2ms;
  reached.size = Bytes{300'000};
  reached.time = 5min;
  reached.money = money(1, Currency{{'J', 'P', 'Y'}});
  const auto checks = check_limits(*limits, reached);
  ASSERT_EQ(checks.size(), 5u);
  EXPECT_EQ(checks[0].name, "time");
  EXPECT_TRUE(checks[0].holds) << "exactly at the limit holds";
  EXPECT_EQ(checks[1].name, "money");
  EXPECT_FALSE(checks[1].known) << "another currency is no answer";
  EXPECT_EQ(checks[2].name, "p99");
  EXPECT_FALSE(checks[2].holds);
  EXPECT_NE(checks[2].reason.find("2 ms"), std::string::npos);
  EXPECT_TRUE(checks[3].holds) << "size at the limit holds";
  EXPECT_FALSE(checks[4].known) << "an unknown score never holds";
  EXPECT_FALSE(checks[4].holds);
}

}  // namespace
}  // namespace tenbin
