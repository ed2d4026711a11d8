// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpBits, Combines) {
  const Tensor a = Tensor::of<std::int8_t>({2}, {12, -1}), b = Tensor::of<std::int8_t>({1}, {10});
  EXPECT_EQ(run_op(op_call("BitwiseAnd", 2), {a, b})->front(),
            Tensor::of<std::int8_t>({2}, {8, 10}));
  EXPECT_EQ(run_op(op_call("BitwiseOr", 2), {a, b})->front(),
            Tensor::of<std::int8_t>({2}, {14, -1}));
  EXPECT_EQ(run_op(op_call("BitwiseXor", 2), {a, b})->front(),
            Tensor::of<std::int8_t>({2}, {6, -11}));
  EXPECT_EQ(run_op(op_call("BitwiseNot", 1), {a})->front(), Tensor::of<std::int8_t>({2}, {-13, 0}));
}

TEST(OpBits, ShiftsUnsignedNumbers) {
  const auto shift = [](const char* direction, std::uint8_t by) {
    return run_op(op_call("BitShift", 2, {{"direction", std::string(direction)}}),
                  {Tensor::scalar<std::uint8_t>(0x81), Tensor::scalar(by)});
  };
  EXPECT_EQ(shift("LEFT", 1)->front(), Tensor::scalar<std::uint8_t>(2));
  EXPECT_EQ(shift("RIGHT", 7)->front(), Tensor::scalar<std::uint8_t>(1));
  EXPECT_EQ(shift("RIGHT", 200)->front(), Tensor::scalar<std::uint8_t>(0));
  EXPECT_FALSE(shift("UP", 1).ok());
}

}  // namespace
}  // namespace tenbin
