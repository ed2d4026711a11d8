// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpArithmetic, Broadcasts) {
  const Tensor matrix = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor row = Tensor::of<float>({3}, {10, 20, 30});
  const Tensor column = Tensor::of<float>({2, 1}, {1, 2});
  const struct {
    const char* why;
    const char* op;
    Tensor a, b, expected;
  } rows[] = {
      {"row", "Add", matrix, row, Tensor::of<float>({2, 3}, {11, 22, 33, 14, 25, 36})},
      {"column", "Mul", matrix, column, Tensor::of<float>({2, 3}, {1, 2, 3, 8, 10, 12})},
      {"both grow", "Sub", column, row, Tensor::of<float>({2, 3}, {-9, -19, -29, -8, -18, -28})},
      {"scalar", "Div", matrix, Tensor::scalar(2.0F),
       Tensor::of<float>({2, 3}, {.5F, 1, 1.5F, 2, 2.5F, 3})},
      {"integer modulo takes the divisor's sign", "Mod", Tensor::of<std::int64_t>({2}, {-7, 7}),
       Tensor::of<std::int64_t>({1}, {3}), Tensor::of<std::int64_t>({2}, {2, 1})},
  };
  for (const auto& r : rows) {
    const auto out = run_op(op_call(r.op, 2), {r.a, r.b});
    ASSERT_TRUE(out.ok()) << r.why << ": " << out.error().to_string();
    EXPECT_EQ(out->front(), r.expected) << r.why;
  }
}

TEST(OpArithmetic, RefusesWhatDoesNotFit) {
  const auto shapes = run_op(
      op_call("Add", 2), {Tensor(ElementType::kFloat32, {2}), Tensor(ElementType::kFloat32, {3})});
  ASSERT_FALSE(shapes.ok());
  EXPECT_EQ(shapes.error().code(), ErrorCode::kBadShape);
  const auto types = run_op(op_call("Add", 2),
                            {Tensor(ElementType::kFloat32, {2}), Tensor(ElementType::kInt64, {2})});
  EXPECT_FALSE(types.ok());
  EXPECT_FALSE(run_op(op_call("Add", 1), {Tensor(ElementType::kFloat32, {2})}).ok());
}

}  // namespace
}  // namespace tenbin
