// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpArrayFeatureExtractor, TakesColumnsAndRefusesOthers) {
  const OpCall call = op_call("ArrayFeatureExtractor", 2, {}, "ai.onnx.ml");
  const Tensor rows = Tensor::of<std::int32_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto out = run_op(call, {rows, Tensor::of<std::int64_t>({2}, {2, 0})});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out->front(), Tensor::of<std::int32_t>({2, 2}, {3, 1, 6, 4}));
  EXPECT_FALSE(run_op(call, {rows, Tensor::of<std::int64_t>({1}, {3})}).ok());
  EXPECT_FALSE(run_op(call, {rows, Tensor::of<std::int64_t>({1}, {-1})}).ok());
}

}  // namespace
}  // namespace tenbin
