// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpConcatFromSequence, JoinsAlongAnOldOrANewAxis) {
  const struct {
    const char* why;
    std::int64_t axis, new_axis;
    Tensor expected;
  } rows[] = {
      {"along the last axis", -1, 0, Tensor::of<float>({1, 4}, {1, 2, 3, 4})},
      {"along the first axis", 0, 0, Tensor::of<float>({2, 2}, {1, 2, 3, 4})},
      {"a new axis in front", 0, 1, Tensor::of<float>({2, 1, 2}, {1, 2, 3, 4})},
      {"a new axis at the end", -1, 1, Tensor::of<float>({1, 2, 2}, {1, 3, 2, 4})},
  };
  const std::vector<NamedInput> inputs = {{"a", Tensor::of<float>({1, 2}, {1, 2})},
                                          {"b", Tensor::of<float>({1, 2}, {3, 4})},
                                          {"odd", Tensor::of<float>({3}, {3, 4, 5})}};
  for (const auto& row : rows) {
    const auto out = run_calls({named_call("SequenceConstruct", {"a", "b"}, {"list"}),
                                named_call("ConcatFromSequence", {"list"}, {"y"},
                                           {{"axis", row.axis}, {"new_axis", row.new_axis}})},
                               inputs, {"y"});
    ASSERT_TRUE(out.ok()) << row.why << ": " << out.error().to_string();
    EXPECT_EQ(*out->front().tensor(), row.expected) << row.why;
  }
  EXPECT_FALSE(
      run_calls({named_call("SequenceConstruct", {"a", "odd"}, {"list"}),
                 named_call("ConcatFromSequence", {"list"}, {"y"}, {{"axis", std::int64_t{0}}})},
                inputs, {"y"})
          .ok());
}

}  // namespace
}  // namespace tenbin
