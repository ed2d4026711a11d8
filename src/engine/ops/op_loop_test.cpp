// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

// Adds `step` (of the graph outside) until the sum passes 10; each sum is scanned.
Result<std::vector<Value>> count_up(const Value& trips, const Value& condition, float step) {
  const Attribute body = body_of(
      {named_call("Add", {"sum", "step"}, {"next"}), named_call("Less", {"next", "ten"}, {"go"}),
       named_call("Identity", {"next"}, {"seen"})},
      {"i", "c", "sum"}, {"go", "next", "seen"});
  const OpCall call =
      named_call("Loop", {"trips", "start", "zero"}, {"total", "sums"}, {{"body", body}});
  return run_calls({call},
                   {{"trips", trips},
                    {"start", condition},
                    {"zero", Tensor::of<float>({1}, {0})},
                    {"step", Tensor::of<float>({1}, {step})},
                    {"ten", Tensor::of<float>({1}, {10})}},
                   {"total", "sums"});
}

TEST(OpLoop, EndsByConditionOrByCount) {
  const Value yes = Tensor::scalar(true);
  const auto by_condition = count_up(Value(), yes, 4);
  ASSERT_TRUE(by_condition.ok()) << by_condition.error().to_string();
  EXPECT_EQ(*(*by_condition)[0].tensor(), Tensor::of<float>({1}, {12}));
  EXPECT_EQ(*(*by_condition)[1].tensor(), Tensor::of<float>({3, 1}, {4, 8, 12}));
  const auto by_count = count_up(Tensor::scalar<std::int64_t>(2), Value(), 4);
  ASSERT_TRUE(by_count.ok()) << by_count.error().to_string();
  EXPECT_EQ(*(*by_count)[0].tensor(), Tensor::of<float>({1}, {8}));
  const auto never = count_up(Tensor::scalar<std::int64_t>(0), yes, 4);
  ASSERT_TRUE(never.ok()) << never.error().to_string();
  EXPECT_EQ(*(*never)[0].tensor(), Tensor::of<float>({1}, {0}));
  EXPECT_EQ((*never)[1].tensor()->count(), 0);
}

TEST(OpLoop, OneWithoutEndIsStopped) {
  const OpCall call = named_call("Loop", {"n", "c", "x"}, {"y"},
                                 {{"body", body_of({}, {"i", "c", "x"}, {"c", "x"})}});
  const auto out = run_calls(
      {call}, {{"n", Value()}, {"c", Tensor::scalar(true)}, {"x", Tensor::scalar(1.F)}}, {"y"});
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().code(), ErrorCode::kTooLarge);
}

TEST(OpLoop, RefusesABodyOfOtherArity) {
  const OpCall call = named_call("Loop", {"n", "c"}, {"y"}, {{"body", body_of({}, {"i"}, {"i"})}});
  const auto out = run_calls(
      {call}, {{"n", Tensor::scalar<std::int64_t>(1)}, {"c", Tensor::scalar(true)}}, {"y"});
  EXPECT_FALSE(out.ok());
}

}  // namespace
}  // namespace tenbin
