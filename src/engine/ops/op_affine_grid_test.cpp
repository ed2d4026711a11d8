// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> grid(std::int64_t corners, std::int64_t width) {
  return run_op(op_call("AffineGrid", 2, {{"align_corners", corners}}),
                {Tensor::of<float>({1, 2, 3}, {2, 0, 10, 0, 1, 0}),
                 Tensor::of<std::int64_t>({4}, {1, 3, 1, width})});
}

TEST(OpAffineGrid, MovesEachPixel) {
  EXPECT_EQ(grid(0, 2)->front(), Tensor::of<float>({1, 1, 2, 2}, {9, 0, 11, 0}));
  EXPECT_EQ(grid(1, 2)->front(), Tensor::of<float>({1, 1, 2, 2}, {8, 0, 12, 0}));
  EXPECT_FALSE(grid(0, INT64_MAX).ok());
  EXPECT_FALSE(run_op(op_call("AffineGrid", 2), {Tensor(ElementType::kFloat32, {1, 2, 2}),
                                                 Tensor::of<std::int64_t>({4}, {1, 1, 2, 2})})
                   .ok());
}

}  // namespace
}  // namespace tenbin
