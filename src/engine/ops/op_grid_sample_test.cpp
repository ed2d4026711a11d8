// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op_case.h"

namespace tenbin {
namespace {

const Tensor kImage = Tensor::of<float>({1, 1, 1, 2}, {2, 4});

float sample(const char* mode, const char* padding, float x) {
  const Attributes attributes = {{"mode", std::string(mode)},
                                 {"padding_mode", std::string(padding)},
                                 {"align_corners", std::int64_t{1}}};
  const auto out = run_op(op_call("GridSample", 2, attributes),
                          {kImage, Tensor::of<float>({1, 1, 1, 2}, {x, 0})});
  EXPECT_TRUE(out.ok()) << out.error().to_string();
  return out.ok() ? out->front().data<float>()[0] : -1;
}

TEST(OpGridSample, Interpolates) {
  EXPECT_EQ(sample("bilinear", "zeros", 0), 3);
  EXPECT_EQ(sample("nearest", "zeros", 0.5F), 4);
  EXPECT_EQ(sample("bilinear", "zeros", 1), 4);
}

TEST(OpGridSample, PadsInThreeWays) {
  EXPECT_EQ(sample("bilinear", "zeros", 2), 2) << "half of the last pixel, half of nothing";
  EXPECT_EQ(sample("bilinear", "border", 5), 4);
  EXPECT_EQ(sample("bilinear", "reflection", 3), 2) << "one and a half pixels beyond comes back";
  EXPECT_TRUE(std::isnan(sample("bilinear", "zeros", std::nanf("")))) << "nowhere";
}

TEST(OpGridSample, TakesVolumes) {
  const Tensor volume = Tensor::of<float>({1, 1, 2, 1, 2}, {2, 4, 6, 8});
  EXPECT_EQ(
      run_op(op_call("GridSample", 2), {volume, Tensor::of<float>({1, 1, 1, 1, 3}, {0, 0, 0})})
          ->front(),
      Tensor::of<float>({1, 1, 1, 1, 1}, {5}))
      << "the middle of all";
}

TEST(OpGridSample, RefusesFieldsThatDoNotFit) {
  EXPECT_FALSE(
      run_op(op_call("GridSample", 2), {kImage, Tensor(ElementType::kFloat32, {1, 1, 1, 3})}).ok());
  EXPECT_FALSE(run_op(op_call("GridSample", 2, {{"mode", std::string("magic")}}),
                      {kImage, Tensor(ElementType::kFloat32, {1, 1, 1, 2})})
                   .ok());
}

}  // namespace
}  // namespace tenbin
