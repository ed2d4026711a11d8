// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpArgMax, FindsTheLargest) {
  const Tensor in = Tensor::of<float>({2, 3}, {1, 3, 3, 5, 2, 0});
  const Attributes rows = {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}};
  EXPECT_EQ(run_op(op_call("ArgMax", 1, rows), {in})->front(),
            Tensor::of<std::int64_t>({2}, {1, 0}));
  EXPECT_EQ(run_op(op_call("ArgMin", 1, rows), {in})->front(),
            Tensor::of<std::int64_t>({2}, {0, 2}));
  EXPECT_EQ(run_op(op_call("ArgMax", 1), {in})->front(),
            Tensor::of<std::int64_t>({1, 3}, {1, 0, 0}));
  Attributes last = rows;
  last["select_last_index"] = std::int64_t{1};
  EXPECT_EQ(
      run_op(op_call("ArgMax", 1, last), {Tensor::of<std::int8_t>({1, 3}, {1, 3, 3})})->front(),
      Tensor::of<std::int64_t>({1}, {2}));
}

}  // namespace
}  // namespace tenbin
