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

}  // namespace
}  // namespace tenbin
