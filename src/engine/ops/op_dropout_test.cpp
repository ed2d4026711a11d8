// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/op_case.h"

namespace tenbin {
namespace {

Tensor ones(std::int64_t count) {
  Tensor out(ElementType::kFloat32, {count});
  for (float& x : out.data<float>()) x = 1;
  return out;
}

TEST(OpDropout, KeepsAllOutsideTraining) {
  const auto out = run_op(op_call("Dropout", 1, {}, "", 2), {ones(4)});
  EXPECT_EQ((*out)[0], ones(4));
  EXPECT_EQ((*out)[1], Tensor::of<bool>({4}, {true, true, true, true}));
}

TEST(OpDropout, DropsAndScalesInTraining) {
  const OpCall call = op_call("Dropout", 3, {{"seed", std::int64_t{7}}}, "", 2);
  const std::vector<Tensor> inputs = {ones(10'000), Tensor::scalar(0.25F), Tensor::scalar(true)};
  const auto out = run_op(call, inputs);
  ASSERT_TRUE(out.ok());
  const auto values = (*out)[0].data<float>();
  const auto kept = (*out)[1].data<bool>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_FLOAT_EQ(values[i], kept[i] ? 4.0F / 3 : 0);
  }
  const auto count = std::count(kept.begin(), kept.end(), true);
  EXPECT_NEAR(static_cast<double>(count), 7500, 220) << "five standard deviations";
  EXPECT_EQ((*run_op(call, inputs))[0], (*out)[0]) << "the same seed, the same elements";
  EXPECT_FALSE(run_op(call, {ones(1), Tensor::scalar(1.5F), Tensor::scalar(true)}).ok());
}

}  // namespace
}  // namespace tenbin
