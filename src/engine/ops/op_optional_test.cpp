// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpOptional, SaysWhetherItHoldsSomethingAndGivesIt) {
  const std::vector<OpCall> calls = {named_call("Optional", {"x"}, {"o"}),
                                     named_call("OptionalHasElement", {"o"}, {"has"}),
                                     named_call("OptionalGetElement", {"o"}, {"y"})};
  const Tensor x = Tensor::of<float>({2}, {1, 2});
  const auto full = run_calls(calls, {{"x", x}}, {"has", "y"});
  ASSERT_TRUE(full.ok()) << full.error().to_string();
  EXPECT_EQ(*(*full)[0].tensor(), Tensor::scalar(true));
  EXPECT_EQ(*(*full)[1].tensor(), x);
  const auto empty = run_calls({named_call("Optional", {}, {"o"}), calls[1]}, {}, {"has"});
  ASSERT_TRUE(empty.ok()) << empty.error().to_string();
  EXPECT_EQ(*empty->front().tensor(), Tensor::scalar(false));
  EXPECT_FALSE(run_calls({named_call("Optional", {}, {"o"}), calls[2]}, {}, {"y"}).ok());
}

}  // namespace
}  // namespace tenbin
