// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

Tensor sizes(std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}
const Tensor kColumn = Tensor::of<float>({2, 1}, {1, 2});

TEST(OpExpand, Repeats) {
  EXPECT_EQ(run_op(op_call("Expand", 2), {kColumn, sizes({2, 1, 2})})->front(),
            Tensor::of<float>({2, 2, 2}, {1, 1, 2, 2, 1, 1, 2, 2}));
  EXPECT_EQ(run_op(op_call("Tile", 2), {kColumn, sizes({2, 2})})->front(),
            Tensor::of<float>({4, 2}, {1, 1, 2, 2, 1, 1, 2, 2}));
  EXPECT_EQ(run_op(op_call("Tile", 2), {kColumn, sizes({0, 1})})->front().count(), 0);
}

TEST(OpExpand, RefusesSizesPastTheLimits) {
  for (const char* op : {"Expand", "Tile"}) {
    EXPECT_FALSE(run_op(op_call(op, 2), {kColumn, sizes({2, INT64_MAX})}).ok()) << op;
    EXPECT_FALSE(run_op(op_call(op, 2), {kColumn, sizes({2, -1})}).ok()) << op;
    EXPECT_FALSE(run_op(op_call(op, 2), {kColumn, sizes({2, 1 << 30})}).ok()) << op;
  }
}

}  // namespace
}  // namespace tenbin
