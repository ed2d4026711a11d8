// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op_case.h"
#include "tensor/float16.h"

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

TEST(OpArithmetic, TakesEveryNumberType) {
  const Tensor halves = Tensor::of<Float16>({2}, {Float16(1.5F), Float16(-2.0F)});
  EXPECT_EQ(run_op(op_call("Add", 2), {halves, halves})->front(),
            Tensor::of<Float16>({2}, {Float16(3.0F), Float16(-4.0F)}));
  const Tensor bytes = Tensor::of<std::uint8_t>({2}, {200, 7});
  EXPECT_EQ(run_op(op_call("Add", 2), {bytes, bytes})->front(),
            Tensor::of<std::uint8_t>({2}, {144, 14}))
      << "wraps around";
  const Tensor least = Tensor::scalar<std::int64_t>(INT64_MIN);
  EXPECT_EQ(run_op(op_call("Div", 2), {least, Tensor::scalar<std::int64_t>(-1)})->front(), least);
  const Tensor nan = Tensor::scalar(std::nanf(""));
  EXPECT_TRUE(
      std::isnan(run_op(op_call("Max", 2), {Tensor::scalar(1.0F), nan})->front().data<float>()[0]));
}

TEST(OpArithmetic, TakesManyOperands) {
  const std::vector<Tensor> three = {Tensor::of<float>({2}, {1, 8}), Tensor::of<float>({2}, {3, 2}),
                                     Tensor::of<float>({1}, {5})};
  EXPECT_EQ(run_op(op_call("Sum", 3), three)->front(), Tensor::of<float>({2}, {9, 15}));
  EXPECT_EQ(run_op(op_call("Mean", 3), three)->front(), Tensor::of<float>({2}, {3, 5}));
  EXPECT_EQ(run_op(op_call("Min", 3), three)->front(), Tensor::of<float>({2}, {1, 2}));
  EXPECT_EQ(run_op(op_call("Max", 1), {three[0]})->front(), three[0]);
}

TEST(OpArithmetic, BroadcastsAtAnAxisBeforeOperatorSet7) {
  OpCall call = op_call("Add", 2, {{"broadcast", std::int64_t{1}}, {"axis", std::int64_t{0}}});
  call.opset = 6;
  EXPECT_EQ(
      run_op(call, {Tensor::of<float>({2, 2}, {1, 2, 3, 4}), Tensor::of<float>({2}, {10, 20})})
          ->front(),
      Tensor::of<float>({2, 2}, {11, 12, 23, 24}));
}

TEST(OpArithmetic, RefusesWhatDoesNotFit) {
  const auto shapes = run_op(
      op_call("Add", 2), {Tensor(ElementType::kFloat32, {2}), Tensor(ElementType::kFloat32, {3})});
  ASSERT_FALSE(shapes.ok());
  EXPECT_EQ(shapes.error().code(), ErrorCode::kBadShape);
  const auto types = run_op(op_call("Add", 2),
                            {Tensor(ElementType::kFloat32, {2}), Tensor(ElementType::kInt64, {2})});
  EXPECT_FALSE(types.ok());
  EXPECT_FALSE(run_op(op_call("Add", 2), {Tensor(ElementType::kFloat32, {1 << 20, 1}),
                                          Tensor(ElementType::kFloat32, {1 << 20})})
                   .ok())
      << "a result past every limit";
  EXPECT_FALSE(run_op(op_call("Add", 1), {Tensor(ElementType::kFloat32, {2})}).ok());
}

}  // namespace
}  // namespace tenbin
