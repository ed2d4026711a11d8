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

TEST(OpResize, MixesAllThatLiesUnderASmallerElement) {
  const Attributes smooth = {{"mode", std::string("linear")}, {"antialias", std::int64_t{1}}};
  const auto out = run_op(
      op_call("Resize", 4, smooth),
      {Tensor::of<double>({4}, {0, 0, 8, 8}), kNone, Tensor(), Tensor::of<std::int64_t>({1}, {2})});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_NEAR(out->front().data<double>()[0], 1, 1e-12) << "an eighth lies on the third element";
  EXPECT_NEAR(out->front().data<double>()[1], 7, 1e-12);
}

TEST(OpResize, KeepsTheAspect) {
  const auto shape_by = [](const char* policy) {
    return run_op(op_call("Resize", 4, {{"keep_aspect_ratio_policy", std::string(policy)}}),
                  {Tensor(ElementType::kFloat32, {2, 4}), kNone, Tensor(),
                   Tensor::of<std::int64_t>({2}, {6, 8})})
        ->front()
        .shape();
  };
  EXPECT_EQ(shape_by("stretch"), (Shape{6, 8}));
  EXPECT_EQ(shape_by("not_larger"), (Shape{4, 8}));
  EXPECT_EQ(shape_by("not_smaller"), (Shape{6, 12}));
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
