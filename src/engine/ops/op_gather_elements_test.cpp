// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

const Tensor kX = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
Tensor places(Shape shape, std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>(std::move(shape), values);
}

TEST(OpGatherElements, PicksElements) {
  EXPECT_EQ(run_op(op_call("GatherElements", 2), {kX, places({1, 3}, {1, 0, -1})})->front(),
            Tensor::of<float>({1, 3}, {4, 2, 6}));
  EXPECT_FALSE(run_op(op_call("GatherElements", 2), {kX, places({1, 3}, {2, 0, 0})}).ok());
  EXPECT_FALSE(run_op(op_call("GatherElements", 2), {kX, places({3}, {0, 0, 0})}).ok());
  EXPECT_FALSE(run_op(op_call("GatherElements", 2), {kX, places({1, 4}, {0, 0, 0, 0})}).ok());
}

TEST(OpGatherElements, PicksSlices) {
  EXPECT_EQ(run_op(op_call("GatherND", 2), {kX, places({2, 1}, {1, 0})})->front(),
            Tensor::of<float>({2, 3}, {4, 5, 6, 1, 2, 3}));
  const OpCall batched = op_call("GatherND", 2, {{"batch_dims", std::int64_t{1}}});
  EXPECT_EQ(run_op(batched, {kX, places({2, 1}, {2, 0})})->front(), Tensor::of<float>({2}, {3, 4}));
  EXPECT_FALSE(run_op(op_call("GatherND", 2), {kX, places({1, 3}, {0, 0, 0})}).ok());
  EXPECT_FALSE(run_op(op_call("GatherND", 2), {kX, places({1, 2}, {0, 3})}).ok());
}

}  // namespace
}  // namespace tenbin
