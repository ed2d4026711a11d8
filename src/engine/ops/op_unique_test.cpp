// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

Tensor numbers(std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(OpUnique, TellsValuesPlacesAndCounts) {
  const Tensor x = Tensor::strings({4}, {"b", "a", "b", "c"});
  const auto sorted = run_op(op_call("Unique", 1, {}, "", 4), {x});
  ASSERT_TRUE(sorted.ok()) << sorted.error().to_string();
  EXPECT_EQ((*sorted)[0], Tensor::strings({3}, {"a", "b", "c"}));
  EXPECT_EQ((*sorted)[1], numbers({1, 0, 3}));
  EXPECT_EQ((*sorted)[2], numbers({1, 0, 1, 2}));
  EXPECT_EQ((*sorted)[3], numbers({1, 2, 1}));
  const auto plain = run_op(op_call("Unique", 1, {{"sorted", std::int64_t{0}}}, "", 4), {x});
  EXPECT_EQ((*plain)[0], Tensor::strings({3}, {"b", "a", "c"}));
  EXPECT_EQ((*plain)[2], numbers({0, 1, 0, 2}));
}

TEST(OpUnique, TakesSlices) {
  const Tensor rows = Tensor::of<float>({3, 2}, {1, 0, 1, 0, 0, 5});
  const auto out = run_op(op_call("Unique", 1, {{"axis", std::int64_t{0}}}, "", 4), {rows});
  ASSERT_TRUE(out.ok());
  EXPECT_EQ((*out)[0], Tensor::of<float>({2, 2}, {0, 5, 1, 0}));
  EXPECT_EQ((*out)[3], numbers({1, 2}));
}

}  // namespace
}  // namespace tenbin
