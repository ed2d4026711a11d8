// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpTranspose, Permutes) {
  const Tensor in = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(run_op(op_call("Transpose", 1), {in})->front(),
            Tensor::of<float>({3, 2}, {1, 4, 2, 5, 3, 6}));
  const auto kept =
      run_op(op_call("Transpose", 1, {{"perm", std::vector<std::int64_t>{0, 1}}}), {in});
  EXPECT_EQ(kept->front(), in);
  EXPECT_FALSE(
      run_op(op_call("Transpose", 1, {{"perm", std::vector<std::int64_t>{0}}}), {in}).ok());
}

}  // namespace
}  // namespace tenbin
