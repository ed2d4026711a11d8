// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpQuantize, ScalesAndSaturates) {
  const Tensor x = Tensor::of<float>({4}, {0, 1, 3, 1000});
  EXPECT_EQ(run_op(op_call("QuantizeLinear", 3),
                   {x, Tensor::scalar(2.0F), Tensor::scalar<std::uint8_t>(5)})
                ->front(),
            Tensor::of<std::uint8_t>({4}, {5, 5, 7, 255}))
      << "halves go to even";
  EXPECT_EQ(
      run_op(op_call("DequantizeLinear", 3), {Tensor::of<std::int8_t>({2}, {-3, 4}),
                                              Tensor::scalar(0.5F), Tensor::scalar<std::int8_t>(1)})
          ->front(),
      Tensor::of<float>({2}, {-2, 1.5F}));
}

TEST(OpQuantize, HasOneScaleForEachIndexOfAnAxis) {
  const OpCall rows = op_call("DequantizeLinear", 2, {{"axis", std::int64_t{0}}});
  const Tensor x = Tensor::of<std::uint8_t>({2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(run_op(rows, {x, Tensor::of<float>({2}, {1, 10})})->front(),
            Tensor::of<float>({2, 2}, {1, 2, 30, 40}));
  EXPECT_FALSE(run_op(rows, {x, Tensor::of<float>({3}, {1, 10, 1})}).ok());
}

TEST(OpQuantize, FindsItsOwnScale) {
  const auto out =
      run_op(op_call("DynamicQuantizeLinear", 1, {}, "", 3), {Tensor::of<float>({2}, {-1, 4.1F})});
  ASSERT_TRUE(out.ok());
  EXPECT_EQ((*out)[0], Tensor::of<std::uint8_t>({2}, {0, 255}));
  EXPECT_FLOAT_EQ((*out)[1].data<float>()[0], 0.02F);
  EXPECT_EQ((*out)[2], Tensor::scalar<std::uint8_t>(50));
}

}  // namespace
}  // namespace tenbin
