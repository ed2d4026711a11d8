// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpCategoryMapper, MapsBothWaysWithDefaults) {
  const Attributes a = {{"cats_strings", std::vector<std::string>{"a", "b"}},
                        {"cats_int64s", std::vector<std::int64_t>{4, 9}}};
  const OpCall call = op_call("CategoryMapper", 1, a, "ai.onnx.ml");
  const auto numbers = run_op(call, {Tensor::strings({2}, {"b", "?"})});
  ASSERT_TRUE(numbers.ok()) << numbers.error().to_string();
  EXPECT_EQ(numbers->front(), Tensor::of<std::int64_t>({2}, {9, -1}));
  const auto texts = run_op(call, {Tensor::of<std::int64_t>({2}, {4, 5})});
  ASSERT_TRUE(texts.ok()) << texts.error().to_string();
  EXPECT_EQ(texts->front(), Tensor::strings({2}, {"a", "_Unused"}));
  EXPECT_FALSE(run_op(call, {Tensor::of<float>({1}, {4})}).ok());
}

}  // namespace
}  // namespace tenbin
