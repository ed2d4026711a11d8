// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> range(std::int64_t start, std::int64_t limit, std::int64_t step) {
  return run_op(op_call("Range", 3),
                {Tensor::scalar(start), Tensor::scalar(limit), Tensor::scalar(step)});
}

TEST(OpRange, Steps) {
  EXPECT_EQ(range(1, 6, 2)->front(), Tensor::of<std::int64_t>({3}, {1, 3, 5}));
  EXPECT_EQ(range(3, 0, -2)->front(), Tensor::of<std::int64_t>({2}, {3, 1}));
  EXPECT_EQ(range(3, 0, 1)->front().count(), 0);
  EXPECT_EQ(range(INT64_MIN, INT64_MAX, INT64_MAX)->front().count(), 3) << "no overflow";
}

TEST(OpRange, RefusesWhatNeverEnds) {
  EXPECT_FALSE(range(0, 1, 0).ok());
  EXPECT_FALSE(range(0, INT64_MAX, 1).ok());
  EXPECT_FALSE(run_op(op_call("Range", 3),
                      {Tensor::scalar(0.0F), Tensor::scalar(1e30F), Tensor::scalar(1e-30F)})
                   .ok());
}

}  // namespace
}  // namespace tenbin
