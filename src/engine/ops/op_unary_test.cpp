// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op_case.h"
#include "tensor/float16.h"

namespace tenbin {
namespace {

TEST(OpUnary, AppliesTheFunction) {
  const struct {
    const char* op;
    float x, y;
  } rows[] = {{"Floor", -1.5F, -2}, {"Relu", -3, 0},          {"Relu", 3, 3},
              {"Abs", -2, 2},       {"Sigmoid", 0, 0.5F},     {"LeakyRelu", -1, -0.01F},
              {"Sqrt", 9, 3},       {"Reciprocal", 4, 0.25F}, {"Cos", 0, 1},
              {"Round", 2.5F, 2},   {"Sign", -7, -1},         {"Softplus", 0, 0.693147F},
              {"Shrink", -2, -2},   {"Gelu", 1, 0.8413447F},  {"HardSwish", 1, 0.6666667F}};
  for (const auto& row : rows) {
    const auto out = run_op(op_call(row.op, 1), {Tensor::of<float>({1}, {row.x})});
    ASSERT_TRUE(out.ok()) << row.op;
    EXPECT_NEAR(out->front().data<float>()[0], row.y, 1e-6) << row.op;
  }
  const OpCall by_tanh = op_call("Gelu", 1, {{"approximate", std::string("tanh")}});
  EXPECT_NEAR(run_op(by_tanh, {Tensor::scalar(1.0F)})->front().data<float>()[0], 0.841192, 1e-6);
  EXPECT_EQ(run_op(op_call("Neg", 1), {Tensor::of<std::int8_t>({2}, {-128, 3})})->front(),
            Tensor::of<std::int8_t>({2}, {-128, -3}))
      << "wraps around";
  EXPECT_EQ(run_op(op_call("Exp", 1), {Tensor::scalar(Float16(0.0F))})->front(),
            Tensor::scalar(Float16(1.0F)));
  EXPECT_FALSE(run_op(op_call("Sin", 1), {Tensor::strings({1}, {"a"})}).ok());
}

}  // namespace
}  // namespace tenbin
