// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpScaler, ShiftsThenScales) {
  const Attributes a = {{"offset", std::vector<float>{1, 2}}, {"scale", std::vector<float>{2, 3}}};
  const OpCall call = op_call("Scaler", 1, a, "ai.onnx.ml");
  const auto out = run_op(call, {Tensor::of<std::int64_t>({2, 2}, {1, 2, 3, 4})});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out->front(), Tensor::of<float>({2, 2}, {0, 0, 4, 6}));
  EXPECT_FALSE(run_op(call, {Tensor::of<float>({1, 3}, {1, 2, 3})}).ok()) << "three columns";
  EXPECT_FALSE(run_op(call, {Tensor::strings({1, 2}, {"1", "2"})}).ok()) << "texts";
}

}  // namespace
}  // namespace tenbin
