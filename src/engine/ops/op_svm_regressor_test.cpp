// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op_case.h"

namespace tenbin {
namespace {

using Numbers = std::vector<float>;

TEST(OpSvmRegressor, SumsWeightedDistances) {
  const Attributes a = {{"kernel_type", std::string("RBF")},
                        {"kernel_params", Numbers{0.5F, 0, 0}},
                        {"support_vectors", Numbers{1, 0, 0, 2}},
                        {"coefficients", Numbers{2, -1}},
                        {"rho", Numbers{0.25F}},
                        {"n_supports", std::int64_t{2}}};
  const auto out =
      run_op(op_call("SVMRegressor", 1, a, "ai.onnx.ml"), {Tensor::of<float>({1, 2}, {1, 1})});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_NEAR(out->front().data<float>()[0], 0.25 + 2 * std::exp(-0.5) - std::exp(-1.0), 1e-6);
}

TEST(OpSvmRegressor, RefusesListsThatDoNotFit) {
  Attributes a = {{"support_vectors", Numbers{1, 0, 0}},
                  {"coefficients", Numbers{2, -1}},
                  {"n_supports", std::int64_t{2}}};
  const Tensor rows = Tensor::of<float>({1, 2}, {1, 1});
  EXPECT_FALSE(run_op(op_call("SVMRegressor", 1, a, "ai.onnx.ml"), {rows}).ok());
  a = {{"coefficients", Numbers{2, -1}}, {"kernel_type", std::string("CUBIC")}};
  EXPECT_FALSE(run_op(op_call("SVMRegressor", 1, a, "ai.onnx.ml"), {rows}).ok());
}

}  // namespace
}  // namespace tenbin
