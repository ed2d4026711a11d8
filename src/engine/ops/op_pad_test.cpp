// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> pad(const char* mode, std::int64_t before, std::int64_t after) {
  return run_op(
      op_call("Pad", 2, {{"mode", std::string(mode)}}),
      {Tensor::of<float>({3}, {1, 2, 3}), Tensor::of<std::int64_t>({2}, {before, after})});
}

TEST(OpPad, HasFourModes) {
  EXPECT_EQ(pad("constant", 1, 2)->front(), Tensor::of<float>({6}, {0, 1, 2, 3, 0, 0}));
  EXPECT_EQ(pad("constant", -1, 1)->front(), Tensor::of<float>({3}, {2, 3, 0})) << "also cuts";
  EXPECT_EQ(pad("edge", 2, 1)->front(), Tensor::of<float>({6}, {1, 1, 1, 2, 3, 3}));
  EXPECT_EQ(pad("reflect", 2, 3)->front(), Tensor::of<float>({8}, {3, 2, 1, 2, 3, 2, 1, 2}));
  EXPECT_EQ(pad("wrap", 1, 2)->front(), Tensor::of<float>({6}, {3, 1, 2, 3, 1, 2}));
  EXPECT_FALSE(pad("sideways", 1, 1).ok());
}

TEST(OpPad, KeepsTheMiddle) {
  const auto middle = [](std::int64_t size) {
    return run_op(op_call("CenterCropPad", 2),
                  {Tensor::of<float>({4}, {1, 2, 3, 4}), Tensor::of<std::int64_t>({1}, {size})});
  };
  EXPECT_EQ(middle(2)->front(), Tensor::of<float>({2}, {2, 3}));
  EXPECT_EQ(middle(3)->front(), Tensor::of<float>({3}, {1, 2, 3}));
  EXPECT_EQ(middle(7)->front(), Tensor::of<float>({7}, {0, 1, 2, 3, 4, 0, 0}));
  EXPECT_FALSE(middle(-1).ok());
  EXPECT_FALSE(middle(INT64_MAX).ok());
}

TEST(OpPad, RefusesSizesPastTheLimits) {
  EXPECT_FALSE(pad("constant", INT64_MAX, 1).ok());
  EXPECT_FALSE(pad("constant", -2, -2).ok());
  EXPECT_FALSE(pad("edge", 1LL << 40, 0).ok());
}

TEST(OpPad, TakesAttributesBeforeOperatorSet11) {
  OpCall call = op_call("Pad", 1, {{"pads", std::vector<std::int64_t>{1, 0}}, {"value", 5.0F}});
  call.opset = 2;
  EXPECT_EQ(run_op(call, {Tensor::of<float>({1}, {1})})->front(), Tensor::of<float>({2}, {5, 1}));
}

}  // namespace
}  // namespace tenbin
