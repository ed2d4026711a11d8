// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op_case.h"

namespace tenbin {
namespace {

OpCall step_of(const std::string& op, std::size_t inputs, std::size_t outputs,
               Attributes attributes = {}) {
  return op_call(op, inputs, std::move(attributes), "ai.onnx.preview.training", outputs);
}
Tensor one_of(float value) { return Tensor::of<float>({1}, {value}); }
float first(const Tensor& tensor) { return tensor.data<float>()[0]; }

// Rate 0.1, parameter 2, gradient 0.5; the states follow.
std::vector<Tensor> inputs_at(std::int64_t step, const std::vector<float>& states) {
  std::vector<Tensor> out = {Tensor::scalar(0.1F), Tensor::scalar(step), one_of(2), one_of(0.5F)};
  for (const float state : states) out.push_back(one_of(state));
  return out;
}

TEST(OpOptimizerStep, FollowsEachFormula) {
  const auto adagrad =
      run_op(step_of("Adagrad", 5, 2, {{"decay_factor", 0.5F}}), inputs_at(2, {1}));
  ASSERT_TRUE(adagrad.ok()) << adagrad.error().to_string();
  EXPECT_NEAR(first((*adagrad)[1]), 1.25F, 1e-6);
  EXPECT_NEAR(first((*adagrad)[0]), 2 - 0.05F * 0.5F / (std::sqrt(1.25F) + 1e-6F), 1e-6);

  const auto adam = run_op(step_of("Adam", 6, 3), inputs_at(0, {0, 0}));
  ASSERT_TRUE(adam.ok()) << adam.error().to_string();
  EXPECT_NEAR(first((*adam)[1]), 0.05F, 1e-6);
  EXPECT_NEAR(first((*adam)[2]), 0.00025F, 1e-6);
  EXPECT_NEAR(first((*adam)[0]), 2 - 0.1F * 0.05F / (std::sqrt(0.00025F) + 1e-6F), 1e-5);

  const Attributes plain = {{"alpha", 0.9F}, {"beta", 0.5F}};
  const auto momentum = run_op(step_of("Momentum", 5, 2, plain), inputs_at(3, {1}));
  ASSERT_TRUE(momentum.ok()) << momentum.error().to_string();
  EXPECT_NEAR(first((*momentum)[1]), 1.15F, 1e-6);
  EXPECT_NEAR(first((*momentum)[0]), 2 - 0.115F, 1e-6);
  Attributes nesterov = plain;
  nesterov["mode"] = std::string("nesterov");
  const auto ahead = run_op(step_of("Momentum", 5, 2, nesterov), inputs_at(3, {1}));
  ASSERT_TRUE(ahead.ok()) << ahead.error().to_string();
  EXPECT_NEAR(first((*ahead)[0]), 2 - 0.1F * (0.5F + 0.9F * 1.15F), 1e-6);
}

TEST(OpOptimizerStep, RefusesParametersThatDoNotMatch) {
  auto inputs = inputs_at(0, {1});
  inputs[3] = Tensor::of<float>({2}, {1, 1});
  EXPECT_FALSE(run_op(step_of("Adagrad", 5, 2), inputs).ok());
  inputs.pop_back();
  EXPECT_FALSE(run_op(step_of("Adagrad", 4, 2), inputs).ok());
}

}  // namespace
}  // namespace tenbin
