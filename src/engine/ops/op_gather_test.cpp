// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpGather, PicksSlices) {
  const Tensor in = Tensor::of<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(run_op(op_call("Gather", 2), {in, Tensor::of<std::int64_t>({2}, {-1, 0})})->front(),
            Tensor::of<float>({2, 2}, {5, 6, 1, 2}))
      << "negative numbers count from the end";
  EXPECT_EQ(run_op(op_call("Gather", 2, {{"axis", std::int64_t{1}}}),
                   {in, Tensor::of<std::int64_t>({1}, {1})})
                ->front(),
            Tensor::of<float>({3, 1}, {2, 4, 6}));
  EXPECT_EQ(run_op(op_call("Gather", 2),
                   {Tensor::strings({2}, {"no", "yes"}), Tensor::of<std::int64_t>({3}, {1, 1, 0})})
                ->front(),
            Tensor::strings({3}, {"yes", "yes", "no"}));
  EXPECT_FALSE(run_op(op_call("Gather", 2), {in, Tensor::of<std::int64_t>({1}, {3})}).ok());
}

}  // namespace
}  // namespace tenbin
