// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"
#include "tensor/float16.h"

namespace tenbin {
namespace {

OpCall cast_to(ElementType type) {
  return op_call("Cast", 1, {{"to", static_cast<std::int64_t>(type)}});
}

TEST(OpCast, ChangesTypes) {
  EXPECT_EQ(
      run_op(cast_to(ElementType::kFloat32), {Tensor::of<std::uint8_t>({2}, {0, 255})})->front(),
      Tensor::of<float>({2}, {0, 255}));
  EXPECT_EQ(run_op(cast_to(ElementType::kInt64), {Tensor::of<float>({2}, {-1.9F, 1.9F})})->front(),
            Tensor::of<std::int64_t>({2}, {-1, 1}))
      << "towards zero";
  EXPECT_EQ(run_op(cast_to(ElementType::kBool), {Tensor::of<float>({2}, {0, -3})})->front(),
            Tensor::of<bool>({2}, {false, true}));
  EXPECT_EQ(run_op(cast_to(ElementType::kFloat32), {Tensor::strings({1}, {"1.5"})})->front(),
            Tensor::of<float>({1}, {1.5F}));
  EXPECT_EQ(run_op(cast_to(ElementType::kFloat16), {Tensor::of<double>({1}, {0.1})})->front(),
            Tensor::of<Float16>({1}, {Float16(0.1)}));
  EXPECT_EQ(run_op(cast_to(ElementType::kInt8), {Tensor::scalar(Bfloat16(-3.0F))})->front(),
            Tensor::scalar<std::int8_t>(-3));
  EXPECT_EQ(run_op(cast_to(ElementType::kString), {Tensor::of<float>({2}, {0.1F, 3})})->front(),
            Tensor::strings({2}, {"0.1", "3"}));
  EXPECT_EQ(run_op(op_call("CastLike", 2), {Tensor::scalar(2.5F), Tensor::scalar(1.0)})->front(),
            Tensor::scalar(2.5));
  EXPECT_FALSE(run_op(cast_to(ElementType::kFloat32), {Tensor::strings({1}, {"abc"})}).ok());
}

}  // namespace
}  // namespace tenbin
