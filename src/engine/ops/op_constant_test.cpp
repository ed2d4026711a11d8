// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpConstant, HoldsEveryKindOfValue) {
  const Tensor tensor = Tensor::of<double>({1, 2}, {1, 2});
  const struct {
    const char* attribute;
    Attribute value;
    Tensor expected;
  } rows[] = {
      {"value", tensor, tensor},
      {"value_int", std::int64_t{3}, Tensor::scalar<std::int64_t>(3)},
      {"value_float", 0.5F, Tensor::scalar(0.5F)},
      {"value_string", std::string("a"), Tensor::strings({}, {"a"})},
      {"value_ints", std::vector<std::int64_t>{}, Tensor(ElementType::kInt64, {0})},
      {"value_strings", std::vector<std::string>{"a", "b"}, Tensor::strings({2}, {"a", "b"})}};
  for (const auto& r : rows) {
    const auto out = run_op(op_call("Constant", 0, {{r.attribute, r.value}}), {});
    ASSERT_TRUE(out.ok()) << r.attribute;
    EXPECT_EQ(out->front(), r.expected) << r.attribute;
  }
  EXPECT_FALSE(run_op(op_call("Constant", 0), {}).ok());
}

}  // namespace
}  // namespace tenbin
