// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"
#include "engine/svm.h"

namespace tenbin {
namespace {

using Numbers = std::vector<float>;

// Two vectors at +1 and -1: the nearer one names the class.
Attributes nearest() {
  return {{"kernel_type", std::string("RBF")},
          {"kernel_params", Numbers{1, 0, 0}},
          {"support_vectors", Numbers{1, -1}},
          {"vectors_per_class", std::vector<std::int64_t>{1, 1}},
          {"coefficients", Numbers{1, -1}},
          {"rho", Numbers{0}},
          {"classlabels_strings", std::vector<std::string>{"right", "left"}}};
}

TEST(OpSvmClassifier, VotesForTheNearerClass) {
  const auto out = run_op(op_call("SVMClassifier", 1, nearest(), "ai.onnx.ml", 2),
                          {Tensor::of<float>({2, 1}, {0.5F, -3})});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ((*out)[0], Tensor::strings({2}, {"right", "left"}));
  EXPECT_EQ((*out)[1].shape(), (Shape{2, 2}));
}

TEST(OpSvmClassifier, RefusesListsThatDoNotFit) {
  Attributes a = nearest();
  a["coefficients"] = Numbers{1, -1, 2};
  EXPECT_FALSE(
      run_op(op_call("SVMClassifier", 1, a, "ai.onnx.ml", 2), {Tensor::of<float>({1, 1}, {0})})
          .ok());
}

TEST(Svm, CouplesPairsThatAgree) {
  // Of shares 0.5, 0.3 and 0.2 each pair is the quotient; coupling finds them again.
  const double p[3] = {0.5, 0.3, 0.2};
  std::vector<double> pairs(9, 0);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      if (i != j) pairs[i * 3 + j] = p[i] / (p[i] + p[j]);
    }
  }
  const auto found = couple_pairs(pairs, 3);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(found[i], p[i], 0.01);
}

}  // namespace
}  // namespace tenbin
