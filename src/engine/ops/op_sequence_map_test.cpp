// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpSequenceMap, TakesItemsTogetherAndTensorsWhole) {
  const Attribute body = body_of({named_call("Add", {"p", "q"}, {"s"})}, {"p", "q"}, {"s"});
  const std::vector<NamedInput> inputs = {{"a", Tensor::scalar(1.F)}, {"b", Tensor::scalar(2.F)}};
  const OpCall make = named_call("SequenceConstruct", {"a", "b"}, {"list"});
  const struct {
    const char* why;
    std::string second;
    float last;
  } rows[] = {{"two sequences", "list", 4}, {"a tensor for all", "a", 3}};
  for (const auto& row : rows) {
    const auto out =
        run_calls({make, named_call("SequenceMap", {"list", row.second}, {"y"}, {{"body", body}})},
                  inputs, {"y"});
    ASSERT_TRUE(out.ok()) << row.why << ": " << out.error().to_string();
    const auto& items = out->front().sequence()->items;
    ASSERT_EQ(items.size(), 2U) << row.why;
    EXPECT_EQ(*items[1], Tensor::scalar(row.last)) << row.why;
  }
  EXPECT_FALSE(
      run_calls({named_call("SequenceMap", {"a", "b"}, {"y"}, {{"body", body}})}, inputs, {"y"})
          .ok());
}

}  // namespace
}  // namespace tenbin
