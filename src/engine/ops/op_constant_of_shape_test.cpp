// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

Tensor sizes(std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(OpConstantOfShape, Fills) {
  EXPECT_EQ(run_op(op_call("ConstantOfShape", 1), {sizes({2})})->front(),
            Tensor::of<float>({2}, {0, 0}));
  const OpCall text = op_call("ConstantOfShape", 1, {{"value", Tensor::strings({1}, {"a"})}});
  EXPECT_EQ(run_op(text, {sizes({1, 2})})->front(), Tensor::strings({1, 2}, {"a", "a"}));
  EXPECT_EQ(run_op(op_call("ConstantOfShape", 1), {sizes({})})->front(), Tensor::scalar(0.0F));
}

TEST(OpConstantOfShape, RefusesSizesPastTheLimits) {
  for (const auto& shape : {sizes({-1}), sizes({INT64_MAX}), sizes({1 << 20, 1 << 20})}) {
    EXPECT_FALSE(run_op(op_call("ConstantOfShape", 1), {shape}).ok());
  }
}

}  // namespace
}  // namespace tenbin
