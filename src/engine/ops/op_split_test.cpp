// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpSplit, CutsAlongAnAxis) {
  const Tensor five = Tensor::of<float>({5}, {1, 2, 3, 4, 5});
  const auto even = run_op(op_call("Split", 1, {}, "", 2), {five});
  ASSERT_TRUE(even.ok()) << even.error().to_string();
  EXPECT_EQ((*even)[0], Tensor::of<float>({3}, {1, 2, 3}));
  EXPECT_EQ((*even)[1], Tensor::of<float>({2}, {4, 5})) << "the last is shorter";
  const auto given =
      run_op(op_call("Split", 2, {}, "", 3), {five, Tensor::of<std::int64_t>({3}, {0, 4, 1})});
  ASSERT_TRUE(given.ok());
  EXPECT_EQ((*given)[0].count(), 0);
  EXPECT_EQ((*given)[2], Tensor::of<float>({1}, {5}));
}

TEST(OpSplit, RefusesSizesThatDoNotAddUp) {
  const Tensor five = Tensor::of<float>({5}, {1, 2, 3, 4, 5});
  for (const auto& sizes : {std::vector<std::int64_t>{2, 2}, {6, -1}, {INT64_MAX, 5}}) {
    const Tensor operand = Tensor::of<std::int64_t>({2}, std::span<const std::int64_t>(sizes));
    EXPECT_FALSE(run_op(op_call("Split", 2, {}, "", 2), {five, operand}).ok()) << sizes[0];
  }
}

}  // namespace
}  // namespace tenbin
