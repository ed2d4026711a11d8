// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpBinarizer, CutsAboveTheThreshold) {
  const OpCall call = op_call("Binarizer", 1, {{"threshold", 1.5F}}, "ai.onnx.ml");
  const auto out = run_op(call, {Tensor::of<std::int64_t>({3}, {1, 2, -4})});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out->front(), Tensor::of<std::int64_t>({3}, {0, 1, 0}));
  EXPECT_FALSE(run_op(call, {Tensor::of<bool>({1}, {true})}).ok());
}

}  // namespace
}  // namespace tenbin
