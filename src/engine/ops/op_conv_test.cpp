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

TEST(OpConv, TakesOneAxisAndOtherTypes) {
  const Tensor line = Tensor::of<double>({1, 1, 4}, {1, 2, 3, 4});
  const Tensor pair = Tensor::of<double>({1, 1, 2}, {1, 10});
  const Attributes same = {{"auto_pad", std::string("SAME_UPPER")},
                           {"dilations", std::vector<std::int64_t>{2}}};
  EXPECT_EQ(run_op(op_call("Conv", 2, same), {line, pair})->front(),
            Tensor::of<double>({1, 1, 4}, {20, 31, 42, 3}));
  EXPECT_FALSE(run_op(op_call("Conv", 3), {line, pair, Tensor::of<double>({2}, {1, 2})}).ok())
      << "bias";
}

}  // namespace
}  // namespace tenbin
