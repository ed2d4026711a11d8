// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

const Tensor kLine = Tensor::of<float>({2}, {0, 4});
const Tensor kNone(ElementType::kFloat32, {0});

Result<std::vector<Tensor>> resize(const char* mode, const char* coordinates, std::int64_t size) {
  const Attributes attributes = {{"mode", std::string(mode)},
                                 {"coordinate_transformation_mode", std::string(coordinates)}};
  return run_op(op_call("Resize", 4, attributes),
                {kLine, kNone, Tensor(), Tensor::of<std::int64_t>({1}, {size})});
}

TEST(OpResize, Interpolates) {
  EXPECT_EQ(resize("nearest", "half_pixel", 4)->front(), Tensor::of<float>({4}, {0, 0, 4, 4}));
  EXPECT_EQ(resize("linear", "half_pixel", 4)->front(), Tensor::of<float>({4}, {0, 1, 3, 4}));
  EXPECT_EQ(resize("linear", "align_corners", 5)->front(), Tensor::of<float>({5}, {0, 1, 2, 3, 4}));
  EXPECT_EQ(resize("linear", "asymmetric", 4)->front(), Tensor::of<float>({4}, {0, 2, 4, 4}));
  EXPECT_EQ(resize("linear", "half_pixel", 1)->front(), Tensor::of<float>({1}, {2}));
}

TEST(OpResize, KnowsTheOlderForms) {
  OpCall ten = op_call("Resize", 2);
  ten.opset = 10;
  EXPECT_EQ(run_op(ten, {kLine, Tensor::of<float>({1}, {1.5F})})->front(),
            Tensor::of<float>({3}, {0, 0, 4}));
  OpCall seven = op_call("Upsample", 1, {{"scales", std::vector<float>{2}}});
  seven.opset = 7;
  EXPECT_EQ(run_op(seven, {kLine})->front(), Tensor::of<float>({4}, {0, 0, 4, 4}));
}

TEST(OpResize, RefusesSizesPastTheLimits) {
  EXPECT_FALSE(resize("linear", "half_pixel", INT64_MAX).ok());
  EXPECT_FALSE(resize("nearest", "half_pixel", -1).ok());
  EXPECT_FALSE(resize("sideways", "half_pixel", 2).ok());
}

}  // namespace
}  // namespace tenbin
