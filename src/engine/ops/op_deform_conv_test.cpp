// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

const Tensor kImage = Tensor::of<float>({1, 1, 2, 2}, {1, 2, 3, 5});
const Tensor kWeights = Tensor::of<float>({1, 1, 1, 1}, {2});

TEST(OpDeformConv, ReadsAtMovedPlaces) {
  const Tensor still(ElementType::kFloat32, {1, 2, 2, 2});
  EXPECT_EQ(run_op(op_call("DeformConv", 3), {kImage, kWeights, still})->front(),
            Tensor::of<float>({1, 1, 2, 2}, {2, 4, 6, 10}))
      << "without offsets a convolution";
  const Tensor down = Tensor::of<float>({1, 2, 2, 2}, {0.5F, 1, 0, 1, 0, 0, 1, 0});
  EXPECT_EQ(run_op(op_call("DeformConv", 3), {kImage, kWeights, down})->front(),
            Tensor::of<float>({1, 1, 2, 2}, {4, 10, 10, 0}))
      << "half a row down, a row down, a column on, out of the image";
  const Tensor mask = Tensor::of<float>({1, 1, 2, 2}, {1, 0, 0.5F, 1});
  EXPECT_EQ(run_op(op_call("DeformConv", 5),
                   {kImage, kWeights, still, Tensor::of<float>({1}, {100}), mask})
                ->front(),
            Tensor::of<float>({1, 1, 2, 2}, {102, 100, 103, 110}));
}

TEST(OpDeformConv, RefusesOffsetsThatDoNotFit) {
  EXPECT_FALSE(run_op(op_call("DeformConv", 3),
                      {kImage, kWeights, Tensor(ElementType::kFloat32, {1, 1, 2, 2})})
                   .ok());
  EXPECT_FALSE(run_op(op_call("DeformConv", 3, {{"offset_group", std::int64_t{0}}}),
                      {kImage, kWeights, Tensor(ElementType::kFloat32, {1, 2, 2, 2})})
                   .ok());
}

}  // namespace
}  // namespace tenbin
