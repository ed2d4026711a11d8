// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpWhere, BroadcastsAllThree) {
  const auto out =
      run_op(op_call("Where", 3), {Tensor::of<bool>({2, 1}, {true, false}),
                                   Tensor::of<float>({2, 2}, {1, 2, 3, 4}), Tensor::scalar(9.0F)});
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(out->front(), Tensor::of<float>({2, 2}, {1, 2, 9, 9}));
  EXPECT_FALSE(run_op(op_call("Where", 3),
                      {Tensor::scalar(1.0F), Tensor::scalar(1.0F), Tensor::scalar(1.0F)})
                   .ok())
      << "the mask must be bool";
}

}  // namespace
}  // namespace tenbin
