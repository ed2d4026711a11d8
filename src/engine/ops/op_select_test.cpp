// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpSelect, KeepsWhatHolds) {
  const Tensor x = Tensor::of<std::int64_t>({2, 2}, {1, 2, 3, 4});
  const Tensor second = Tensor::of<bool>({2}, {false, true});
  EXPECT_EQ(run_op(op_call("Compress", 2, {{"axis", std::int64_t{0}}}), {x, second})->front(),
            Tensor::of<std::int64_t>({1, 2}, {3, 4}));
  EXPECT_EQ(run_op(op_call("Compress", 2), {x, second})->front(),
            Tensor::of<std::int64_t>({1}, {2}))
      << "flat, and the condition may be shorter";
  EXPECT_FALSE(run_op(op_call("Compress", 2), {x, x}).ok());
}

TEST(OpSelect, TellsPlaces) {
  EXPECT_EQ(
      run_op(op_call("NonZero", 1), {Tensor::of<bool>({2, 2}, {true, false, true, true})})->front(),
      Tensor::of<std::int64_t>({2, 3}, {0, 1, 1, 0, 0, 1}));
  EXPECT_EQ(run_op(op_call("NonZero", 1), {Tensor(ElementType::kFloat32, {3})})->front().shape(),
            (Shape{1, 0}));
}

}  // namespace
}  // namespace tenbin
