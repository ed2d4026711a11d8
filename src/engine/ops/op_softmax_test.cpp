// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpSoftmax, SumsToOneAndSurvivesLargeValues) {
  const auto out = run_op(op_call("Softmax", 1), {Tensor::of<float>({1, 2}, {1000, 1000})});
  EXPECT_EQ(out->front(), Tensor::of<float>({1, 2}, {0.5F, 0.5F}));
  const auto first = run_op(op_call("Softmax", 1, {{"axis", std::int64_t{0}}}),
                            {Tensor::of<float>({2, 1}, {0, std::log(3.0F)})});
  EXPECT_NEAR(first->front().data<float>()[1], 0.75, 1e-6);
  const auto log = run_op(op_call("LogSoftmax", 1), {Tensor::of<float>({1, 2}, {0, 0})});
  EXPECT_NEAR(log->front().data<float>()[0], -std::log(2.0), 1e-6);
  EXPECT_EQ(run_op(op_call("Hardmax", 1), {Tensor::of<double>({3}, {1, 3, 3})})->front(),
            Tensor::of<double>({3}, {0, 1, 0}));
}

TEST(OpSoftmax, IsOneRowFromTheAxisOnBeforeOperatorSet13) {
  OpCall call = op_call("Softmax", 1);
  const Tensor zeros(ElementType::kFloat32, {1, 2, 2});
  call.opset = 11;
  EXPECT_EQ(run_op(call, {zeros})->front(),
            Tensor::of<float>({1, 2, 2}, {0.25F, 0.25F, 0.25F, 0.25F}));
  call.opset = 13;
  EXPECT_EQ(run_op(call, {zeros})->front(), Tensor::of<float>({1, 2, 2}, {0.5F, 0.5F, 0.5F, 0.5F}));
}

}  // namespace
}  // namespace tenbin
