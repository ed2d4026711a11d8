// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpConcat, JoinsAlongTheAxis) {
  const Tensor a = Tensor::of<float>({2, 1}, {1, 2});
  const Tensor b = Tensor::of<float>({2, 2}, {3, 4, 5, 6});
  EXPECT_EQ(run_op(op_call("Concat", 2, {{"axis", std::int64_t{-1}}}), {a, b})->front(),
            Tensor::of<float>({2, 3}, {1, 3, 4, 2, 5, 6}));
  EXPECT_FALSE(run_op(op_call("Concat", 2, {{"axis", std::int64_t{0}}}), {a, b}).ok());
  EXPECT_FALSE(run_op(op_call("Concat", 2, {{"axis", std::int64_t{5}}}), {a, b}).ok());
}

}  // namespace
}  // namespace tenbin
