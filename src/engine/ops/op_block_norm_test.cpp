// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

const Attributes kExact = {{"epsilon", 0.0F}};
const Tensor kX = Tensor::of<float>({1, 2, 2}, {1, 3, 2, 6});

TEST(OpBlockNorm, NormalisesTheLastAxes) {
  const auto out = run_op(op_call("LayerNormalization", 3, kExact, "", 3),
                          {kX, Tensor::of<float>({2}, {1, 2}), Tensor::of<float>({2}, {0, 1})});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ((*out)[0], Tensor::of<float>({1, 2, 2}, {-1, 3, -1, 3}));
  EXPECT_EQ((*out)[1], Tensor::of<float>({1, 2, 1}, {2, 4}));
  EXPECT_EQ((*out)[2], Tensor::of<float>({1, 2, 1}, {1, 0.5F}));
  EXPECT_FALSE(
      run_op(op_call("LayerNormalization", 2), {kX, Tensor::of<float>({3}, {1, 2, 3})}).ok());
}

TEST(OpBlockNorm, LeavesTheMeanWhenAsked) {
  const auto out = run_op(op_call("RMSNormalization", 2, kExact),
                          {Tensor::of<float>({1, 2}, {1, 7}), Tensor::of<float>({2}, {1, 5})});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out->front(), Tensor::of<float>({1, 2}, {0.2F, 7}));
}

TEST(OpBlockNorm, NormalisesChannelsAndGroups) {
  const std::vector<Tensor> inputs = {kX, Tensor::of<float>({2}, {1, 2}),
                                      Tensor::of<float>({2}, {0, 1})};
  EXPECT_EQ(run_op(op_call("InstanceNormalization", 3, kExact), inputs)->front(),
            Tensor::of<float>({1, 2, 2}, {-1, 1, -1, 3}));
  Attributes two = kExact;
  two["num_groups"] = std::int64_t{2};
  EXPECT_EQ(run_op(op_call("GroupNormalization", 3, two), inputs)->front(),
            Tensor::of<float>({1, 2, 2}, {-1, 1, -1, 3}));
  two["num_groups"] = std::int64_t{3};
  EXPECT_FALSE(run_op(op_call("GroupNormalization", 3, two), inputs).ok());
}

}  // namespace
}  // namespace tenbin
