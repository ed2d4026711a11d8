// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpShape, TellsSizes) {
  const std::vector<Tensor> x = {Tensor::strings({2, 1, 3}, std::vector<std::string>(6))};
  const auto part = [](std::int64_t start, std::int64_t end) {
    return op_call("Shape", 1, {{"start", start}, {"end", end}});
  };
  EXPECT_EQ(run_op(op_call("Shape", 1), x)->front(), Tensor::of<std::int64_t>({3}, {2, 1, 3}));
  EXPECT_EQ(run_op(part(-1, 100), x)->front(), Tensor::of<std::int64_t>({1}, {3}));
  EXPECT_EQ(run_op(part(2, 1), x)->front(), Tensor(ElementType::kInt64, {0}));
  EXPECT_EQ(run_op(op_call("Size", 1), x)->front(), Tensor::scalar<std::int64_t>(6));
  EXPECT_EQ(run_op(op_call("Shape", 1), {Tensor::scalar(1.0F)})->front(),
            Tensor(ElementType::kInt64, {0}));
}

}  // namespace
}  // namespace tenbin
