// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpPow, KeepsTheTypeOfTheBase) {
  const Tensor whole = Tensor::of<std::int64_t>({2}, {3'037'000'499, -2});
  EXPECT_EQ(run_op(op_call("Pow", 2), {whole, Tensor::scalar<std::int64_t>(2)})->front(),
            Tensor::of<std::int64_t>({2}, {9'223'372'030'926'249'001, 4}))
      << "past the bits of a double";
  EXPECT_EQ(run_op(op_call("Pow", 2), {whole, Tensor::scalar(-1.0F)})->front(),
            Tensor::of<std::int64_t>({2}, {0, 0}));
  EXPECT_EQ(run_op(op_call("Pow", 2), {Tensor::scalar(9.0F), Tensor::scalar(0.5)})->front(),
            Tensor::scalar(3.0F));
  EXPECT_FALSE(run_op(op_call("Pow", 2), {Tensor::strings({}, {"a"}), whole}).ok());
}

}  // namespace
}  // namespace tenbin
