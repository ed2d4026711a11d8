// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op_case.h"
#include "tensor/float16.h"

namespace tenbin {
namespace {

const Attributes kRows = {{"axes", std::vector<std::int64_t>{1}}, {"keepdims", std::int64_t{0}}};

TEST(OpReduce, AgreesWithHandCounts) {
  const Tensor x = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  const struct {
    const char* op;
    float first, second;
  } rows[] = {{"ReduceSum", 3, 7},
              {"ReduceMean", 1.5F, 3.5F},
              {"ReduceMax", 2, 4},
              {"ReduceMin", 1, 3},
              {"ReduceProd", 2, 12},
              {"ReduceL1", 3, 7},
              {"ReduceL2", std::sqrt(5.0F), 5},
              {"ReduceLogSum", std::log(3.0F), std::log(7.0F)},
              {"ReduceLogSumExp", 2.3132617F, 4.3132617F},
              {"ReduceSumSquare", 5, 25}};
  for (const auto& r : rows) {
    const auto out = run_op(op_call(r.op, 1, kRows), {x});
    ASSERT_TRUE(out.ok()) << r.op;
    ASSERT_EQ(out->front().shape(), (Shape{2})) << r.op;
    EXPECT_FLOAT_EQ(out->front().data<float>()[0], r.first) << r.op;
    EXPECT_FLOAT_EQ(out->front().data<float>()[1], r.second) << r.op;
  }
}

TEST(OpReduce, TakesEveryNumberType) {
  EXPECT_EQ(
      run_op(op_call("ReduceMean", 1, kRows), {Tensor::of<std::int32_t>({1, 2}, {3, 4})})->front(),
      Tensor::of<std::int32_t>({1}, {3}));
  EXPECT_EQ(
      run_op(op_call("ReduceMax", 1, kRows), {Tensor::of<std::int8_t>({1, 2}, {-3, -4})})->front(),
      Tensor::of<std::int8_t>({1}, {-3}));
  EXPECT_EQ(
      run_op(op_call("ReduceSum", 1), {Tensor::of<Float16>({2}, {Float16(1.0F), Float16(0.5F)})})
          ->front(),
      Tensor::of<Float16>({1}, {Float16(1.5F)}));
  EXPECT_EQ(run_op(op_call("ReduceMin", 1), {Tensor::of<bool>({2}, {true, false})})->front(),
            Tensor::of<bool>({1}, {false}));
  EXPECT_EQ(run_op(op_call("ReduceL1", 1), {Tensor::of<std::int64_t>({2}, {-3, 4})})->front(),
            Tensor::of<std::int64_t>({1}, {7}));
}

TEST(OpReduce, HasTwoWaysToSayAxes) {
  const Tensor x = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  const Tensor axes = Tensor::of<std::int64_t>({1}, {0});
  EXPECT_EQ(run_op(op_call("ReduceSum", 2), {x, axes})->front(), Tensor::of<float>({1, 2}, {4, 6}));
  const Tensor none(ElementType::kInt64, {0});
  const OpCall noop = op_call("ReduceSum", 2, {{"noop_with_empty_axes", std::int64_t{1}}});
  EXPECT_EQ(run_op(noop, {x, none})->front(), x);
  EXPECT_EQ(run_op(op_call("ReduceSum", 2), {x, none})->front(), Tensor::of<float>({1, 1}, {10}));
  EXPECT_FALSE(run_op(op_call("ReduceSum", 2), {x, Tensor::of<std::int64_t>({1}, {2})}).ok());
}

TEST(OpReduce, LargeExponentsDoNotOverflow) {
  const Tensor x = Tensor::of<float>({2}, {1000, 1000});
  EXPECT_FLOAT_EQ(run_op(op_call("ReduceLogSumExp", 1), {x})->front().data<float>()[0], 1000.6931F);
}

}  // namespace
}  // namespace tenbin
