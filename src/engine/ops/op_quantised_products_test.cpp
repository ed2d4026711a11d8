// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

const Tensor kA = Tensor::of<std::uint8_t>({1, 2}, {3, 5});
const Tensor kB = Tensor::of<std::int8_t>({2, 2}, {1, -1, 2, 4});

TEST(OpQuantisedProducts, SumsIntegers) {
  EXPECT_EQ(run_op(op_call("MatMulInteger", 3), {kA, kB, Tensor::scalar<std::uint8_t>(1)})->front(),
            Tensor::of<std::int32_t>({1, 2}, {10, 14}));
  const Tensor zeros = Tensor::of<std::int8_t>({2}, {1, -1});
  EXPECT_EQ(run_op(op_call("MatMulInteger", 4), {kA, kB, Tensor::scalar<std::uint8_t>(1), zeros})
                ->front(),
            Tensor::of<std::int32_t>({1, 2}, {4, 20}))
      << "a zero for each column";
  EXPECT_EQ(run_op(op_call("ConvInteger", 2), {Tensor::of<std::uint8_t>({1, 1, 3}, {1, 2, 3}),
                                               Tensor::of<std::uint8_t>({1, 1, 2}, {1, 10})})
                ->front(),
            Tensor::of<std::int32_t>({1, 1, 2}, {21, 32}));
}

TEST(OpQuantisedProducts, Rescales) {
  const Tensor half = Tensor::scalar(0.5F), none = Tensor::scalar<std::uint8_t>(0);
  EXPECT_EQ(
      run_op(op_call("QLinearMatMul", 8), {kA, half, none, kB, half, Tensor::scalar<std::int8_t>(0),
                                           half, Tensor::scalar<std::uint8_t>(100)})
          ->front(),
      Tensor::of<std::uint8_t>({1, 2}, {106, 108}))
      << "(13, 17) halved, ties to even, and the zero";
  const Tensor image = Tensor::of<std::uint8_t>({1, 1, 2}, {100, 200});
  EXPECT_EQ(run_op(op_call("QLinearConv", 9),
                   {image, half, none, Tensor::of<std::uint8_t>({1, 1, 1}, {2}), half, none, half,
                    none, Tensor::of<std::int32_t>({1}, {10})})
                ->front(),
            Tensor::of<std::uint8_t>({1, 1, 2}, {105, 205}));
  EXPECT_FALSE(run_op(op_call("QLinearConv", 2), {image, half}).ok());
}

}  // namespace
}  // namespace tenbin
