// SPDX-License-Identifier: Apache-2.0
#include "data/duckdb/query_watch.h"

#include <gtest/gtest.h>

#include <atomic>

namespace tenbin {
namespace {

TEST(QueryWatch, ACallThatLastsIsAskedAboutAndBrokenOff) {
  int asked = 0;
  std::atomic<bool> broken_off{false};
  QueryWatch watch(StopQuestion([&]() -> Status {
                     if (++asked < 3) return {};
                     return Error(ErrorCode::kBudgetExceeded, "time: all used");
                   }),
                   [&] { broken_off = true; });
  watch.begin();
  while (!broken_off) std::this_thread::yield();
  const Status why = watch.end();
  ASSERT_FALSE(why.ok());
  EXPECT_EQ(why.error().code(), ErrorCode::kBudgetExceeded);
  EXPECT_EQ(asked, 3) << "once the answer is no it is not asked again";
}

TEST(QueryWatch, WithoutAQuestionNothingIsBrokenOff) {
  bool broken_off = false;
  QueryWatch watch(StopQuestion(), [&] { broken_off = true; });
  watch.begin();
  EXPECT_TRUE(watch.end().ok());
  EXPECT_FALSE(broken_off);
}

}  // namespace
}  // namespace tenbin
