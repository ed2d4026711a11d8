// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

const Tensor kBoxes = Tensor::of<float>({1, 3, 4}, {0, 0, 2, 2, 0, 1, 2, 3, 5, 5, 6, 6});
const Tensor kScores = Tensor::of<float>({1, 1, 3}, {0.5F, 0.9F, 0.1F});

Tensor suppress(std::int64_t most, float overlap, float score) {
  return run_op(op_call("NonMaxSuppression", 5), {kBoxes, kScores, Tensor::scalar(most),
                                                  Tensor::scalar(overlap), Tensor::scalar(score)})
      ->front();
}

TEST(OpNonMaxSuppression, TakesTheBestBoxes) {
  EXPECT_EQ(suppress(9, 0.3F, 0), Tensor::of<std::int64_t>({2, 3}, {0, 0, 1, 0, 0, 2}))
      << "a third of the union is covered";
  EXPECT_EQ(suppress(9, 0.4F, 0).shape(), (Shape{3, 3}));
  EXPECT_EQ(suppress(1, 0.4F, 0), Tensor::of<std::int64_t>({1, 3}, {0, 0, 1}));
  EXPECT_EQ(suppress(9, 0.4F, 0.2F).shape(), (Shape{2, 3}));
  EXPECT_EQ(run_op(op_call("NonMaxSuppression", 2), {kBoxes, kScores})->front().shape(),
            (Shape{0, 3}))
      << "without a limit none is taken";
  EXPECT_FALSE(run_op(op_call("NonMaxSuppression", 2), {kBoxes, kBoxes}).ok());
}

}  // namespace
}  // namespace tenbin
