// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op_case.h"

namespace tenbin {
namespace {

using Numbers = std::vector<float>;

TEST(OpLinearModel, ClassifiesAndRegresses) {
  const Tensor rows = Tensor::of<float>({2, 2}, {1, 2, -3, 0});
  const Attributes two = {{"coefficients", Numbers{1, 1}},
                          {"intercepts", Numbers{0.5F}},
                          {"classlabels_strings", std::vector<std::string>{"no", "yes"}},
                          {"post_transform", std::string("LOGISTIC")}};
  const auto pair = run_op(op_call("LinearClassifier", 1, two, "ai.onnx.ml", 2), {rows});
  ASSERT_TRUE(pair.ok()) << pair.error().to_string();
  EXPECT_EQ((*pair)[0], Tensor::strings({2}, {"yes", "no"}));
  EXPECT_NEAR((*pair)[1].data<float>()[1], 1 / (1 + std::exp(-3.5F)), 1e-6);
  const Attributes targets = {{"coefficients", Numbers{1, 2, -1, 0.5F}},
                              {"intercepts", Numbers{0.5F, 0}},
                              {"targets", std::int64_t{2}}};
  const OpCall call = op_call("LinearRegressor", 1, targets, "ai.onnx.ml");
  const auto out = run_op(call, {rows});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out->front(), Tensor::of<float>({2, 2}, {5.5F, 0, -2.5F, 3}));
  EXPECT_FALSE(run_op(call, {Tensor::of<float>({1, 3}, {1, 2, 3})}).ok()) << "three columns";
}

TEST(OpLinearModel, RefusesListsThatDoNotFit) {
  const Attributes bad = {{"coefficients", Numbers{1, 2, 3}},
                          {"intercepts", Numbers{0, 0}},
                          {"classlabels_ints", std::vector<std::int64_t>{1, 2}}};
  const Tensor rows = Tensor::of<float>({1, 2}, {1, 2});
  EXPECT_FALSE(run_op(op_call("LinearClassifier", 1, bad, "ai.onnx.ml", 2), {rows}).ok());
  const Attributes post = {{"coefficients", Numbers{1, 2}},
                           {"post_transform", std::string("CUBE")}};
  EXPECT_FALSE(run_op(op_call("LinearRegressor", 1, post, "ai.onnx.ml"), {rows}).ok());
}

}  // namespace
}  // namespace tenbin
