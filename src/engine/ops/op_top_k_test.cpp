// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op_case.h"

namespace tenbin {
namespace {

Tensor k(std::int64_t value) { return Tensor::of<std::int64_t>({1}, {value}); }

TEST(OpTopK, OrdersAndTellsPlaces) {
  const Tensor x = Tensor::of<std::int8_t>({4}, {3, 7, 7, -1});
  const auto largest = run_op(op_call("TopK", 2, {}, "", 2), {x, k(3)});
  ASSERT_TRUE(largest.ok());
  EXPECT_EQ((*largest)[0], Tensor::of<std::int8_t>({3}, {7, 7, 3}));
  EXPECT_EQ((*largest)[1], Tensor::of<std::int64_t>({3}, {1, 2, 0}));
  const auto least = run_op(op_call("TopK", 2, {{"largest", std::int64_t{0}}}, "", 2), {x, k(1)});
  EXPECT_EQ((*least)[0], Tensor::of<std::int8_t>({1}, {-1}));
  const Tensor odd = Tensor::of<float>({3}, {1, std::nanf(""), 2});
  EXPECT_EQ((*run_op(op_call("TopK", 2, {}, "", 2), {odd, k(3)}))[1],
            Tensor::of<std::int64_t>({3}, {1, 2, 0}))
      << "NaN first, and the order is still one";
}

TEST(OpTopK, RefusesMoreThanThereIs) {
  const Tensor x = Tensor::of<float>({2}, {1, 2});
  EXPECT_FALSE(run_op(op_call("TopK", 2, {}, "", 2), {x, k(3)}).ok());
  EXPECT_FALSE(run_op(op_call("TopK", 2, {}, "", 2), {x, k(-1)}).ok());
  EXPECT_FALSE(run_op(op_call("TopK", 1, {}, "", 2), {x}).ok());
  OpCall old = op_call("TopK", 1, {{"k", std::int64_t{1}}}, "", 2);
  old.opset = 1;
  EXPECT_EQ((*run_op(old, {x}))[0], Tensor::of<float>({1}, {2}));
}

}  // namespace
}  // namespace tenbin
