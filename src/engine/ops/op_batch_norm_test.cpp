// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpBatchNorm, UsesTheStoredStatistics) {
  const auto out = run_op(op_call("BatchNormalization", 5, {{"epsilon", 0.0F}}),
                          {Tensor::of<float>({1, 2, 1, 2}, {1, 2, 3, 4}),
                           Tensor::of<float>({2}, {1, 2}), Tensor::of<float>({2}, {0, 1}),
                           Tensor::of<float>({2}, {1, 3}), Tensor::of<float>({2}, {4, 1})});
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(out->front(), Tensor::of<float>({1, 2, 1, 2}, {0, 0.5F, 1, 3}));
}

TEST(OpBatchNorm, TakesTheStatisticsOfTheBatchInTraining) {
  const OpCall call =
      op_call("BatchNormalization", 5,
              {{"epsilon", 0.0F}, {"training_mode", std::int64_t{1}}, {"momentum", 0.75F}}, "", 3);
  const auto out = run_op(call, {Tensor::of<double>({2, 1, 2}, {1, 3, 1, 3}),
                                 Tensor::of<double>({1}, {2}), Tensor::of<double>({1}, {1}),
                                 Tensor::of<double>({1}, {4}), Tensor::of<double>({1}, {0})});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ((*out)[0], Tensor::of<double>({2, 1, 2}, {-1, 3, -1, 3}));
  EXPECT_EQ((*out)[1], Tensor::of<double>({1}, {3.5})) << "3/4 of the old, 1/4 of the new";
  EXPECT_EQ((*out)[2], Tensor::of<double>({1}, {0.25}));
}

}  // namespace
}  // namespace tenbin
