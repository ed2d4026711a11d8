// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/op_case.h"
#include "engine/recurrent_case.h"

namespace tenbin {
namespace {

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// One step of one value with zero weights: the biases are the gates (input, output, forget, cell).
Result<std::vector<Tensor>> one_step(Attributes attributes, const Tensor& peepholes) {
  attributes["hidden_size"] = std::int64_t{1};
  const std::vector<Tensor> inputs = {
      Tensor::of<float>({1, 1, 1}, {1}),
      Tensor(ElementType::kFloat32, {1, 4, 1}),
      Tensor(ElementType::kFloat32, {1, 4, 1}),
      Tensor::of<float>({1, 8}, {0.1F, 0.2F, 0.3F, 0.4F, 0, 0, 0, 0}),
      Tensor(),
      Tensor(),
      Tensor::of<float>({1, 1, 1}, {2}),
      peepholes};
  return run_op(op_call("LSTM", 8, std::move(attributes), "", 3), inputs);
}

TEST(OpLstm, CellAndHiddenValueOfOneStep) {
  const auto out = one_step({}, Tensor());
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  const float c = sigmoid(0.3F) * 2 + sigmoid(0.1F) * std::tanh(0.4F);
  EXPECT_NEAR((*out)[2].data<float>()[0], c, 1e-6);
  EXPECT_NEAR((*out)[1].data<float>()[0], sigmoid(0.2F) * std::tanh(c), 1e-6);
  EXPECT_EQ((*out)[0].shape(), (Shape{1, 1, 1, 1}));
}

TEST(OpLstm, PeepholesSeeTheCell) {
  const auto out = one_step({}, Tensor::of<float>({1, 3}, {0.5F, 0.25F, -0.5F}));
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  const float c = sigmoid(0.3F - 1) * 2 + sigmoid(0.1F + 1) * std::tanh(0.4F);
  EXPECT_NEAR((*out)[2].data<float>()[0], c, 1e-6);
  EXPECT_NEAR((*out)[1].data<float>()[0], sigmoid(0.2F + 0.25F * c) * std::tanh(c), 1e-6);
}

TEST(OpLstm, CoupledGatesShareTheCell) {
  const auto out = one_step({{"input_forget", std::int64_t{1}}}, Tensor());
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  const float in = sigmoid(0.1F);
  EXPECT_NEAR((*out)[2].data<float>()[0], (1 - in) * 2 + in * std::tanh(0.4F), 1e-6);
}

TEST(OpLstm, RefusesPeepholesOfAnotherShape) {
  EXPECT_FALSE(one_step({}, Tensor::of<float>({1, 2}, {0, 0})).ok());
}

}  // namespace
}  // namespace tenbin
