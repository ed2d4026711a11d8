// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

Tensor sizes(std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(OpCol2Im, SumsWhereBlocksMeet) {
  // Two blocks of 1x2 over three pixels share the one in the middle.
  const Tensor blocks = Tensor::of<float>({1, 2, 2}, {1, 10, 2, 20});
  EXPECT_EQ(run_op(op_call("Col2Im", 3), {blocks, sizes({1, 3}), sizes({1, 2})})->front(),
            Tensor::of<float>({1, 1, 1, 3}, {1, 12, 20}));
  EXPECT_FALSE(run_op(op_call("Col2Im", 3), {blocks, sizes({1, 4}), sizes({1, 2})}).ok());
  EXPECT_FALSE(run_op(op_call("Col2Im", 3), {blocks, sizes({INT64_MAX, 3}), sizes({1, 2})}).ok());
  EXPECT_FALSE(run_op(op_call("Col2Im", 3), {blocks, sizes({1, 3}), sizes({0, 2})}).ok());
}

}  // namespace
}  // namespace tenbin
