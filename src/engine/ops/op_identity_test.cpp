// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpIdentity, KeepsTensorsSequencesAndNothing) {
  const Tensor in = Tensor::of<std::int64_t>({2}, {3, 4});
  const OpCall call = named_call("Identity", {"x"}, {"y"});
  const auto tensor = run_calls({call}, {{"x", in}}, {"y"});
  ASSERT_TRUE(tensor.ok()) << tensor.error().to_string();
  EXPECT_EQ(*tensor->front().tensor(), in);
  Sequence list{ElementType::kInt64, {std::make_shared<const Tensor>(in)}};
  const auto sequence = run_calls({call}, {{"x", list}}, {"y"});
  ASSERT_TRUE(sequence.ok()) << sequence.error().to_string();
  ASSERT_NE(sequence->front().sequence(), nullptr);
  EXPECT_EQ(*sequence->front().sequence()->items[0], in);
  const auto nothing = run_calls({call}, {{"x", Value()}}, {"y"});
  ASSERT_TRUE(nothing.ok()) << nothing.error().to_string();
  EXPECT_TRUE(nothing->front().nothing());
}

}  // namespace
}  // namespace tenbin
