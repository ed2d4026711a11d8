// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

using Ints = std::vector<std::int64_t>;
const Tensor kImage = Tensor::of<float>({1, 1, 2, 2}, {1, 2, 3, 6});

TEST(OpPool, AgreesWithHandCounts) {
  EXPECT_EQ(run_op(op_call("GlobalAveragePool", 1), {kImage})->front(),
            Tensor::of<float>({1, 1, 1, 1}, {3}));
  const Attributes two = {{"kernel_shape", Ints{2, 2}}};
  EXPECT_EQ(run_op(op_call("MaxPool", 1, two), {kImage})->front(),
            Tensor::of<float>({1, 1, 1, 1}, {6}));
  const Attributes one = {{"kernel_shape", Ints{2, 2}}, {"p", std::int64_t{1}}};
  EXPECT_EQ(run_op(op_call("LpPool", 1, one), {kImage})->front(),
            Tensor::of<float>({1, 1, 1, 1}, {12}));
}

TEST(OpPool, CountsPaddingWhenAsked) {
  Attributes padded = {
      {"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}};
  EXPECT_EQ(run_op(op_call("AveragePool", 1, padded), {kImage})->front(),
            Tensor::of<float>({1, 1, 2, 2}, {1, 2, 3, 6}));
  padded["count_include_pad"] = std::int64_t{1};
  EXPECT_EQ(run_op(op_call("AveragePool", 1, padded), {kImage})->front(),
            Tensor::of<float>({1, 1, 2, 2}, {0.25F, 0.5F, 0.75F, 1.5F}));
}

TEST(OpPool, TellsPlaces) {
  const Attributes rows = {{"kernel_shape", Ints{1, 2}}};
  const auto out = run_op(op_call("MaxPool", 1, rows, "", 2), {kImage});
  EXPECT_EQ((*out)[1], Tensor::of<std::int64_t>({1, 1, 2, 1}, {1, 3}));
  Attributes columns = rows;
  columns["storage_order"] = std::int64_t{1};
  EXPECT_EQ((*run_op(op_call("MaxPool", 1, columns, "", 2), {kImage}))[1],
            Tensor::of<std::int64_t>({1, 1, 2, 1}, {2, 3}));
}

TEST(OpPool, RoundsUpWhenAsked) {
  const Attributes ceil = {
      {"kernel_shape", Ints{2}}, {"strides", Ints{2}}, {"ceil_mode", std::int64_t{1}}};
  EXPECT_EQ(run_op(op_call("MaxPool", 1, ceil), {Tensor::of<std::int8_t>({1, 1, 3}, {1, 2, -3})})
                ->front(),
            Tensor::of<std::int8_t>({1, 1, 2}, {2, -3}));
}

}  // namespace
}  // namespace tenbin
