// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpCumSum, Runs) {
  const Tensor x = Tensor::of<std::int32_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto run = [&](std::int64_t axis, std::int64_t exclusive, std::int64_t reverse) {
    return run_op(op_call("CumSum", 2, {{"exclusive", exclusive}, {"reverse", reverse}}),
                  {x, Tensor::scalar(axis)});
  };
  EXPECT_EQ(run(1, 0, 0)->front(), Tensor::of<std::int32_t>({2, 3}, {1, 3, 6, 4, 9, 15}));
  EXPECT_EQ(run(0, 0, 0)->front(), Tensor::of<std::int32_t>({2, 3}, {1, 2, 3, 5, 7, 9}));
  EXPECT_EQ(run(-1, 1, 1)->front(), Tensor::of<std::int32_t>({2, 3}, {5, 3, 0, 11, 6, 0}));
  EXPECT_FALSE(run(2, 0, 0).ok());
}

}  // namespace
}  // namespace tenbin
