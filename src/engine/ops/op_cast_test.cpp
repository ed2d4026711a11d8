// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

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
  EXPECT_FALSE(run_op(cast_to(ElementType::kFloat32), {Tensor::strings({1}, {"abc"})}).ok());
}

}  // namespace
}  // namespace tenbin
