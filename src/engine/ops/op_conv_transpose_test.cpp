// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

using Ints = std::vector<std::int64_t>;

TEST(OpConvTranspose, SpreadsEachElement) {
  const Tensor x = Tensor::of<float>({1, 1, 2}, {1, 10});
  const Tensor w = Tensor::of<float>({1, 1, 3}, {1, 2, 3});
  const auto run = [&](const Attributes& attributes) {
    return run_op(op_call("ConvTranspose", 2, attributes), {x, w});
  };
  EXPECT_EQ(run({})->front(), Tensor::of<float>({1, 1, 4}, {1, 12, 23, 30}));
  EXPECT_EQ(run({{"strides", Ints{2}}})->front(), Tensor::of<float>({1, 1, 5}, {1, 2, 13, 20, 30}));
  EXPECT_EQ(run({{"strides", Ints{2}}, {"pads", Ints{1, 1}}})->front(),
            Tensor::of<float>({1, 1, 3}, {2, 13, 20}));
  EXPECT_EQ(run({{"strides", Ints{2}}, {"auto_pad", std::string("SAME_UPPER")}})->front(),
            Tensor::of<float>({1, 1, 4}, {1, 2, 13, 20}));
  EXPECT_EQ(run({{"output_shape", Ints{5}}})->front(),
            Tensor::of<float>({1, 1, 5}, {1, 12, 23, 30, 0}))
      << "what is asked for beyond the result stays empty";
  EXPECT_FALSE(run({{"pads", Ints{9, 9}}}).ok());
  EXPECT_FALSE(run({{"strides", Ints{INT64_MAX}}}).ok());
}

}  // namespace
}  // namespace tenbin
