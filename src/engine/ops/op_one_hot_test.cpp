// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

const Tensor kValues = Tensor::of<std::int32_t>({2}, {5, 9});

TEST(OpOneHot, Marks) {
  const Tensor indices = Tensor::of<float>({2}, {-1, 0});
  EXPECT_EQ(run_op(op_call("OneHot", 3), {indices, Tensor::scalar(3.0F), kValues})->front(),
            Tensor::of<std::int32_t>({2, 3}, {5, 5, 9, 9, 5, 5}))
      << "negative counts from the end";
  const OpCall first = op_call("OneHot", 3, {{"axis", std::int64_t{0}}});
  EXPECT_EQ(run_op(first, {indices, Tensor::scalar<std::int64_t>(2), kValues})->front(),
            Tensor::of<std::int32_t>({2, 2}, {5, 9, 9, 5}));
}

TEST(OpOneHot, RefusesDepthsPastTheLimits) {
  const Tensor indices = Tensor::of<std::int64_t>({1}, {0});
  for (const double depth : {-1.0, 1e30}) {
    EXPECT_FALSE(run_op(op_call("OneHot", 3), {indices, Tensor::scalar(depth), kValues}).ok());
  }
}

}  // namespace
}  // namespace tenbin
