// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpMaxUnpool, PutsElementsBack) {
  const Attributes two = {{"kernel_shape", std::vector<std::int64_t>{2}},
                          {"strides", std::vector<std::int64_t>{2}}};
  const Tensor x = Tensor::of<float>({1, 1, 2}, {5, 6});
  EXPECT_EQ(run_op(op_call("MaxUnpool", 2, two), {x, Tensor::of<std::int64_t>({1, 1, 2}, {1, 2})})
                ->front(),
            Tensor::of<float>({1, 1, 4}, {0, 5, 6, 0}));
  EXPECT_EQ(run_op(op_call("MaxUnpool", 3, two), {Tensor::of<float>({1, 2, 1}, {5, 6}),
                                                  Tensor::of<std::int64_t>({1, 2, 1}, {1, 2}),
                                                  Tensor::of<std::int64_t>({3}, {1, 2, 3})})
                ->front(),
            Tensor::of<float>({1, 2, 3}, {0, 5, 0, 6, 0, 0}))
      << "a larger result: the same pixels";
  EXPECT_FALSE(
      run_op(op_call("MaxUnpool", 2, two), {x, Tensor::of<std::int64_t>({1, 1, 2}, {1, 4})}).ok());
  EXPECT_FALSE(
      run_op(op_call("MaxUnpool", 3, two), {x, Tensor::of<std::int64_t>({1, 1, 2}, {1, 2}),
                                            Tensor::of<std::int64_t>({3}, {1, INT64_MAX, 2})})
          .ok());
}

}  // namespace
}  // namespace tenbin
