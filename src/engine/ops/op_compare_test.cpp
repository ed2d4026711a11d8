// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpCompare, ComparesNumbersAndText) {
  const Tensor a = Tensor::of<float>({3}, {1, 2, std::nanf("")});
  const Tensor b = Tensor::of<float>({3}, {2, 2, 2});
  const auto greater = run_op(op_call("GreaterOrEqual", 2), {a, b});
  ASSERT_TRUE(greater.ok());
  EXPECT_EQ(greater->front(), Tensor::of<bool>({3}, {false, true, false})) << "NaN is never >=";
  const auto equal =
      run_op(op_call("Equal", 2), {Tensor::strings({2}, {"a", "b"}), Tensor::strings({1}, {"b"})});
  ASSERT_TRUE(equal.ok());
  EXPECT_EQ(equal->front(), Tensor::of<bool>({2}, {false, true}));
  EXPECT_FALSE(
      run_op(op_call("Less", 2), {Tensor::strings({1}, {"a"}), Tensor::strings({1}, {"b"})}).ok());
  const auto nan = run_op(op_call("IsNaN", 1), {a});
  EXPECT_EQ(nan->front(), Tensor::of<bool>({3}, {false, false, true}));
}

TEST(OpCompare, HasLogic) {
  const Tensor a = Tensor::of<bool>({4}, {false, false, true, true});
  const Tensor b = Tensor::of<bool>({4}, {false, true, false, true});
  EXPECT_EQ(run_op(op_call("And", 2), {a, b})->front(),
            Tensor::of<bool>({4}, {false, false, false, true}));
  EXPECT_EQ(run_op(op_call("Xor", 2), {a, b})->front(),
            Tensor::of<bool>({4}, {false, true, true, false}));
  EXPECT_EQ(run_op(op_call("Not", 1), {b})->front(),
            Tensor::of<bool>({4}, {true, false, true, false}));
}

}  // namespace
}  // namespace tenbin
