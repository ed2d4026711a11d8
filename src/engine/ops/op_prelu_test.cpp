// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpPRelu, StretchesTheSlope) {
  const Tensor x = Tensor::of<float>({1, 2, 2}, {-1, 2, -3, 4});
  EXPECT_EQ(run_op(op_call("PRelu", 2), {x, Tensor::of<float>({2, 1}, {0.5F, 2})})->front(),
            Tensor::of<float>({1, 2, 2}, {-0.5F, 2, -6, 4}));
  EXPECT_FALSE(run_op(op_call("PRelu", 2), {x, Tensor(ElementType::kFloat32, {3, 1, 1})}).ok());
  OpCall old = op_call("PRelu", 2);
  old.opset = 6;
  EXPECT_EQ(run_op(old, {x, Tensor::of<float>({2}, {0.5F, 2})})->front(),
            Tensor::of<float>({1, 2, 2}, {-0.5F, 2, -6, 4}));
}

}  // namespace
}  // namespace tenbin
