// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpReverseSequence, TurnsTheFirstSteps) {
  const Tensor x = Tensor::of<float>({3, 2}, {1, 10, 2, 20, 3, 30});  // time by batch
  const auto lengths = [](std::int64_t a, std::int64_t b) {
    return Tensor::of<std::int64_t>({2}, {a, b});
  };
  EXPECT_EQ(run_op(op_call("ReverseSequence", 2), {x, lengths(3, 2)})->front(),
            Tensor::of<float>({3, 2}, {3, 20, 2, 10, 1, 30}));
  EXPECT_FALSE(run_op(op_call("ReverseSequence", 2), {x, lengths(4, 1)}).ok());
  EXPECT_FALSE(run_op(op_call("ReverseSequence", 2), {x, lengths(-1, 1)}).ok());
}

}  // namespace
}  // namespace tenbin
