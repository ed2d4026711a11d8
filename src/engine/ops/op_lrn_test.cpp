// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpLrn, DividesByTheNeighbours) {
  const OpCall call = op_call(
      "LRN", 1, {{"size", std::int64_t{3}}, {"alpha", 3.0F}, {"beta", 1.0F}, {"bias", 1.0F}});
  const auto out = run_op(call, {Tensor::of<double>({1, 3, 1, 1}, {1, 2, 0})});
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(out->front(), Tensor::of<double>({1, 3, 1, 1}, {1 / 6.0, 2 / 6.0, 0}));
  EXPECT_FALSE(run_op(op_call("LRN", 1), {Tensor(ElementType::kFloat32, {1, 3})}).ok());
}

TEST(OpLrn, BringsRowsToUnitLength) {
  EXPECT_EQ(
      run_op(op_call("LpNormalization", 1), {Tensor::of<double>({2, 2}, {3, 4, 0, 0})})->front(),
      Tensor::of<double>({2, 2}, {0.6, 0.8, 0, 0}))
      << "a row of zeros stays";
  EXPECT_FALSE(run_op(op_call("LpNormalization", 1, {{"p", std::int64_t{3}}}),
                      {Tensor(ElementType::kFloat32, {2})})
                   .ok());
}

TEST(OpLrn, BringsChannelsToMeanZero) {
  const auto out =
      run_op(op_call("MeanVarianceNormalization", 1), {Tensor::of<double>({1, 1, 1, 2}, {1, 3})});
  ASSERT_TRUE(out.ok());
  EXPECT_NEAR(out->front().data<double>()[1], 1, 1e-6);
}

}  // namespace
}  // namespace tenbin
