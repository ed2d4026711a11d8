// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpOneHotEncoder, MarksTheCategory) {
  const Attributes ab = {{"cats_strings", std::vector<std::string>{"a", "b"}}};
  const Tensor in = Tensor::strings({3, 1}, {"b", "x", "a"});
  const auto out = run_op(op_call("OneHotEncoder", 1, ab, "ai.onnx.ml"), {in});
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(out->front(), Tensor::of<float>({3, 1, 2}, {0, 1, 0, 0, 1, 0}));
  Attributes strict = ab;
  strict["zeros"] = std::int64_t{0};
  EXPECT_FALSE(run_op(op_call("OneHotEncoder", 1, strict, "ai.onnx.ml"), {in}).ok())
      << "without zeros an unknown category is an error";
  EXPECT_FALSE(run_op(op_call("OneHotEncoder", 1, {}, "ai.onnx.ml"), {in}).ok());
}

}  // namespace
}  // namespace tenbin
