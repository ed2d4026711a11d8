// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

const Tensor kImage = Tensor::of<float>({1, 1, 2, 2}, {1, 2, 3, 4});

Result<std::vector<Tensor>> align(std::initializer_list<float> region, std::int64_t image,
                                  Attributes attributes = {}) {
  attributes["sampling_ratio"] = std::int64_t{1};
  return run_op(op_call("RoiAlign", 3, attributes), {kImage, Tensor::of<float>({1, 4}, region),
                                                     Tensor::of<std::int64_t>({1}, {image})});
}

TEST(OpRoiAlign, SamplesRegions) {
  EXPECT_EQ(align({0.5F, 0.5F, 1.5F, 1.5F}, 0)->front(), Tensor::of<float>({1, 1, 1, 1}, {2.5F}))
      << "the middle of four pixels";
  EXPECT_EQ(align({50, 50, 60, 60}, 0)->front(), Tensor::of<float>({1, 1, 1, 1}, {0}))
      << "far outside";
  const Attributes whole = {{"coordinate_transformation_mode", std::string("output_half_pixel")}};
  EXPECT_EQ(align({0, 0, 1, 1}, 0, whole)->front(), Tensor::of<float>({1, 1, 1, 1}, {2.5F}));
}

TEST(OpRoiAlign, RefusesWhatDoesNotFit) {
  EXPECT_FALSE(align({0, 0, 1, 1}, 1).ok()) << "no such image";
  EXPECT_FALSE(align({0, 0, 1, 1}, 0, {{"output_height", INT64_MAX}}).ok());
  EXPECT_FALSE(
      run_op(op_call("RoiAlign", 3), {kImage, Tensor::of<float>({1, 4}, {0, 0, 1e9F, 1e9F}),
                                      Tensor::of<std::int64_t>({1}, {0})})
          .ok())
      << "as many samples as the region has pixels";
}

}  // namespace
}  // namespace tenbin
