// SPDX-License-Identifier: Apache-2.0
#include "engine/quantise.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(Quantise, RoundsToEvenAndSaturates) {
  EXPECT_EQ(saturated<std::uint8_t>(2.5, 0), 2);
  EXPECT_EQ(saturated<std::uint8_t>(3.5, 0), 4);
  EXPECT_EQ(saturated<std::uint8_t>(300, 0), 255);
  EXPECT_EQ(saturated<std::int8_t>(-300, 5), -128);
  EXPECT_EQ(saturated<std::int8_t>(std::nan(""), 5), 5);
}

TEST(Quantise, TakesZeroOffByEntry) {
  const OpCall call = op_call("MatMulInteger", 2);
  const Tensor zeros = Tensor::of<std::uint8_t>({2}, {1, 10});
  const auto q = quantisation_of(call, nullptr, &zeros, 2);
  ASSERT_TRUE(q.ok());
  const Tensor x = Tensor::of<std::uint8_t>({2, 2}, {5, 6, 7, 8});
  EXPECT_EQ(without_zero(call, x, *q, 1).value(), (std::vector<std::int32_t>{4, -4, 6, -2}));
  EXPECT_EQ(without_zero(call, x, *q, 2).value(), (std::vector<std::int32_t>{4, 5, -3, -2}));
  EXPECT_FALSE(quantisation_of(call, nullptr, &zeros, 3).ok());
}

}  // namespace
}  // namespace tenbin
