// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

const Tensor kX = Tensor::of<std::int32_t>({2, 3}, {1, 2, 3, 4, 5, 6});
Tensor places(Shape shape, std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>(std::move(shape), values);
}
Tensor updates(Shape shape, std::initializer_list<std::int32_t> values) {
  return Tensor::of<std::int32_t>(std::move(shape), values);
}

TEST(OpScatter, ReplacesElementsAndSlices) {
  EXPECT_EQ(run_op(op_call("ScatterElements", 3),
                   {kX, places({1, 3}, {1, 0, -1}), updates({1, 3}, {7, 8, 9})})
                ->front(),
            updates({2, 3}, {1, 8, 3, 7, 5, 9}));
  EXPECT_EQ(
      run_op(op_call("ScatterND", 3), {kX, places({2, 2}, {0, 1, 1, 1}), updates({2}, {7, 8})})
          ->front(),
      updates({2, 3}, {1, 7, 3, 4, 8, 6}));
}

TEST(OpScatter, Reduces) {
  const auto run = [](const char* how) {
    return run_op(op_call("ScatterND", 3, {{"reduction", std::string(how)}}),
                  {kX, places({2, 2}, {0, 1, 0, 1}), updates({2}, {3, 4})});
  };
  EXPECT_EQ(run("add")->front(), updates({2, 3}, {1, 9, 3, 4, 5, 6})) << "both at one place";
  EXPECT_EQ(run("mul")->front(), updates({2, 3}, {1, 24, 3, 4, 5, 6}));
  EXPECT_EQ(run("max")->front(), updates({2, 3}, {1, 4, 3, 4, 5, 6}));
  EXPECT_FALSE(run("mean").ok());
}

TEST(OpScatter, RefusesPlacesOutside) {
  EXPECT_FALSE(run_op(op_call("ScatterElements", 3),
                      {kX, places({1, 3}, {2, 0, 0}), updates({1, 3}, {7, 8, 9})})
                   .ok());
  EXPECT_FALSE(
      run_op(op_call("ScatterND", 3), {kX, places({1, 2}, {0, -4}), updates({1}, {7})}).ok());
  EXPECT_FALSE(
      run_op(op_call("ScatterND", 3), {kX, places({1, 1}, {0}), updates({2}, {7, 8})}).ok());
}

}  // namespace
}  // namespace tenbin
