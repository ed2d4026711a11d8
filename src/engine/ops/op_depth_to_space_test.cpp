// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

Tensor counted(Shape shape) {
  Tensor out(ElementType::kInt32, std::move(shape));
  std::int32_t value = 0;
  for (std::int32_t& x : out.data<std::int32_t>()) x = value++;
  return out;
}

TEST(OpDepthToSpace, MovesChannelsIntoBlocks) {
  const OpCall call = op_call("DepthToSpace", 1, {{"blocksize", std::int64_t{2}}});
  const auto wide = run_op(call, {counted({1, 4, 1, 2})});
  ASSERT_TRUE(wide.ok());
  EXPECT_EQ(wide->front(), Tensor::of<std::int32_t>({1, 1, 2, 4}, {0, 2, 1, 3, 4, 6, 5, 7}));
  const auto back =
      run_op(op_call("SpaceToDepth", 1, {{"blocksize", std::int64_t{2}}}), {wide->front()});
  EXPECT_EQ(back->front(), counted({1, 4, 1, 2}));
}

TEST(OpDepthToSpace, RefusesWhatDoesNotDivide) {
  for (const std::int64_t block : {std::int64_t{0}, std::int64_t{3}, INT64_MAX}) {
    const OpCall call = op_call("DepthToSpace", 1, {{"blocksize", block}});
    EXPECT_FALSE(run_op(call, {counted({1, 4, 1, 2})}).ok()) << block;
  }
}

}  // namespace
}  // namespace tenbin
