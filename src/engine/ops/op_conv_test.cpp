// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpConv, AgreesWithHandCounts) {
  const Tensor image = Tensor::of<float>({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Tensor ones = Tensor::of<float>({1, 1, 2, 2}, {1, 1, 1, 1});
  EXPECT_EQ(run_op(op_call("Conv", 2), {image, ones})->front(),
            Tensor::of<float>({1, 1, 2, 2}, {12, 16, 24, 28}));
  const Attributes padded = {{"pads", std::vector<std::int64_t>{1, 1, 0, 0}},
                             {"strides", std::vector<std::int64_t>{2, 2}}};
  EXPECT_EQ(run_op(op_call("Conv", 2, padded), {image, ones})->front(),
            Tensor::of<float>({1, 1, 2, 2}, {1, 5, 11, 28}));
  EXPECT_FALSE(
      run_op(op_call("Conv", 2), {image, Tensor(ElementType::kFloat32, {1, 2, 2, 2})}).ok())
      << "channels differ";
}

TEST(OpConv, Pools) {
  const Tensor image = Tensor::of<float>({1, 1, 2, 2}, {1, 2, 3, 6});
  EXPECT_EQ(run_op(op_call("GlobalAveragePool", 1), {image})->front(),
            Tensor::of<float>({1, 1, 1, 1}, {3}));
  const Attributes two = {{"kernel_shape", std::vector<std::int64_t>{2, 2}}};
  EXPECT_EQ(run_op(op_call("MaxPool", 1, two), {image})->front(),
            Tensor::of<float>({1, 1, 1, 1}, {6}));
}

}  // namespace
}  // namespace tenbin
