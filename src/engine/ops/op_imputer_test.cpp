// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpImputer, FillsGapsByColumn) {
  const Attributes a = {{"imputed_value_floats", std::vector<float>{7, 8}},
                        {"replaced_value_float", std::nanf("")}};
  const OpCall call = op_call("Imputer", 1, a, "ai.onnx.ml");
  const auto out = run_op(call, {Tensor::of<float>({2, 2}, {std::nanf(""), 2, 3, std::nanf("")})});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out->front(), Tensor::of<float>({2, 2}, {7, 2, 3, 8}));
  EXPECT_FALSE(run_op(call, {Tensor::of<float>({1, 3}, {1, 2, 3})}).ok()) << "three columns";
  EXPECT_FALSE(run_op(call, {Tensor::of<std::int64_t>({1, 2}, {1, 2})}).ok()) << "no integers";
}

}  // namespace
}  // namespace tenbin
