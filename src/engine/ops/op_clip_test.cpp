// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpClip, KeepsElementsWithinBounds) {
  const Tensor x = Tensor::of<std::int8_t>({3}, {-5, 1, 9});
  EXPECT_EQ(run_op(op_call("Clip", 3),
                   {x, Tensor::scalar<std::int8_t>(-1), Tensor::scalar<std::int8_t>(6)})
                ->front(),
            Tensor::of<std::int8_t>({3}, {-1, 1, 6}));
  EXPECT_EQ(run_op(op_call("Clip", 1), {x})->front(), x);
  EXPECT_EQ(
      run_op(op_call("Clip", 3), {Tensor::scalar(3.0F), Tensor::scalar(5.0F), Tensor::scalar(1.0F)})
          ->front(),
      Tensor::scalar(1.0F))
      << "bounds that cross: the upper one wins";
  EXPECT_FALSE(run_op(op_call("Clip", 2), {x, Tensor::scalar(1.0F)}).ok()) << "another type";
  OpCall old = op_call("Clip", 1, {{"max", 2.0F}});
  old.opset = 6;
  EXPECT_EQ(run_op(old, {Tensor::of<float>({2}, {-9, 9})})->front(),
            Tensor::of<float>({2}, {-9, 2}));
}

}  // namespace
}  // namespace tenbin
