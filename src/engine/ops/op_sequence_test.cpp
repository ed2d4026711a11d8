// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

std::vector<NamedInput> three() {
  return {{"a", Tensor::scalar(1.F)},
          {"b", Tensor::scalar(2.F)},
          {"c", Tensor::scalar(3.F)},
          {"at", Tensor::scalar<std::int64_t>(-1)}};
}
const OpCall kMake = named_call("SequenceConstruct", {"a", "b"}, {"list"});

std::vector<float> numbers(const Value& value) {
  std::vector<float> out;
  for (const auto& item : value.sequence()->items) out.push_back(item->data<float>()[0]);
  return out;
}

TEST(OpSequence, BuildsInsertsErasesAndReads) {
  const struct {
    const char* why;
    OpCall call;
    std::vector<float> expected;
  } rows[] = {
      {"inserts at the end", named_call("SequenceInsert", {"list", "c"}, {"y"}), {1, 2, 3}},
      {"inserts before the last",
       named_call("SequenceInsert", {"list", "c", "at"}, {"y"}),
       {1, 3, 2}},
      {"erases the last", named_call("SequenceErase", {"list"}, {"y"}), {1}},
      {"erases the last by position", named_call("SequenceErase", {"list", "at"}, {"y"}), {1}},
  };
  for (const auto& row : rows) {
    const auto out = run_calls({kMake, row.call}, three(), {"y"});
    ASSERT_TRUE(out.ok()) << row.why << ": " << out.error().to_string();
    EXPECT_EQ(numbers(out->front()), row.expected) << row.why;
  }
  const auto out =
      run_calls({kMake, named_call("SequenceAt", {"list", "at"}, {"item"}),
                 named_call("SequenceLength", {"list"}, {"length"}),
                 named_call("SequenceEmpty", {}, {"none"}, {{"dtype", std::int64_t{7}}})},
                three(), {"item", "length", "none"});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(*(*out)[0].tensor(), Tensor::scalar(2.F));
  EXPECT_EQ(*(*out)[1].tensor(), Tensor::scalar<std::int64_t>(2));
  EXPECT_EQ((*out)[2].sequence()->type, ElementType::kInt64);
}

TEST(OpSequence, RefusesBadPositionsAndMixedTypes) {
  auto inputs = three();
  inputs[3].value = Tensor::scalar<std::int64_t>(2);
  EXPECT_FALSE(
      run_calls({kMake, named_call("SequenceAt", {"list", "at"}, {"y"})}, inputs, {"y"}).ok());
  EXPECT_FALSE(
      run_calls({kMake, named_call("SequenceInsert", {"list", "at"}, {"y"})}, three(), {"y"}).ok());
  EXPECT_FALSE(
      run_calls({named_call("SequenceConstruct", {"a", "at"}, {"y"})}, three(), {"y"}).ok());
}

}  // namespace
}  // namespace tenbin
