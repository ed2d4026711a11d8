// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

const Tensor kNine = Tensor::of<std::int32_t>({3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});

Tensor trilu(std::int64_t upper, std::int64_t k) {
  return run_op(op_call("Trilu", 2, {{"upper", upper}}), {kNine, Tensor::scalar(k)})->front();
}

TEST(OpEyeLike, KeepsTriangles) {
  EXPECT_EQ(trilu(1, 0), Tensor::of<std::int32_t>({3, 3}, {1, 2, 3, 0, 5, 6, 0, 0, 9}));
  EXPECT_EQ(trilu(0, -1), Tensor::of<std::int32_t>({3, 3}, {0, 0, 0, 4, 0, 0, 7, 8, 0}));
  EXPECT_EQ(trilu(1, INT64_MIN), kNine);
  EXPECT_EQ(trilu(1, INT64_MAX), Tensor(ElementType::kInt32, {3, 3}));
  EXPECT_FALSE(run_op(op_call("Trilu", 1), {Tensor::scalar(1.0F)}).ok());
}

TEST(OpEyeLike, MakesDiagonals) {
  const Attributes below = {{"k", std::int64_t{-1}}, {"dtype", std::int64_t{1}}};
  EXPECT_EQ(run_op(op_call("EyeLike", 1, below), {Tensor(ElementType::kBool, {2, 3})})->front(),
            Tensor::of<float>({2, 3}, {0, 0, 0, 1, 0, 0}));
  EXPECT_FALSE(run_op(op_call("EyeLike", 1), {Tensor(ElementType::kFloat32, {2})}).ok());
}

}  // namespace
}  // namespace tenbin
