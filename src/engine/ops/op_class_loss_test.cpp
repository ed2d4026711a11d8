// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op_case.h"

namespace tenbin {
namespace {

const Tensor kLogs = Tensor::of<double>({2, 2}, {-1, -2, -3, -4});
const Tensor kTargets = Tensor::of<std::int64_t>({2}, {0, 1});
const Tensor kWeights = Tensor::of<double>({2}, {1, 3});

Tensor loss(const char* reduction, bool weighted = false, std::int64_t ignore = -100) {
  const Attributes attributes = {{"reduction", std::string(reduction)}, {"ignore_index", ignore}};
  std::vector<Tensor> inputs = {kLogs, kTargets};
  if (weighted) inputs.push_back(kWeights);
  return run_op(op_call("NegativeLogLikelihoodLoss", inputs.size(), attributes), inputs)->front();
}

TEST(OpClassLoss, Reduces) {
  EXPECT_EQ(loss("none"), Tensor::of<double>({2}, {1, 4}));
  EXPECT_EQ(loss("sum"), Tensor::scalar(5.0));
  EXPECT_EQ(loss("mean"), Tensor::scalar(2.5));
  EXPECT_EQ(loss("mean", true), Tensor::scalar(3.25)) << "by the sum of weights";
  EXPECT_EQ(loss("mean", true, 0), Tensor::scalar(4.0)) << "the first target is left out";
}

TEST(OpClassLoss, TakesTheSoftmaxItself) {
  const auto out =
      run_op(op_call("SoftmaxCrossEntropyLoss", 2, {}, "", 2),
             {Tensor::of<double>({1, 2}, {1000, 1000}), Tensor::of<std::int32_t>({1}, {1})});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_NEAR((*out)[0].data<double>()[0], std::log(2.0), 1e-9);
  EXPECT_NEAR((*out)[1].data<double>()[0], -std::log(2.0), 1e-9);
}

TEST(OpClassLoss, RefusesClassesThatAreNotThere) {
  EXPECT_FALSE(run_op(op_call("NegativeLogLikelihoodLoss", 2),
                      {kLogs, Tensor::of<std::int64_t>({2}, {0, 2})})
                   .ok());
  EXPECT_FALSE(
      run_op(op_call("NegativeLogLikelihoodLoss", 2), {kLogs, Tensor::of<std::int64_t>({1}, {0})})
          .ok());
}

}  // namespace
}  // namespace tenbin
