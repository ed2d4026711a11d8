// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

Result<std::vector<Value>> choose(bool yes) {
  // Both branches read outer values; the inner one of the second branch reads through it.
  const OpCall inner =
      named_call("If", {"yes"}, {"r"},
                 {{"then_branch", body_of({named_call("Add", {"x", "x"}, {"s"})}, {}, {"s"})},
                  {"else_branch", body_of({named_call("Mul", {"x", "x"}, {"p"})}, {}, {"p"})}});
  const OpCall call = named_call(
      "If", {"yes"}, {"z"},
      {{"then_branch", body_of({}, {}, {"x"})}, {"else_branch", body_of({inner}, {}, {"r"})}});
  return run_calls({call}, {{"x", Tensor::of<float>({2}, {3, 5})}, {"yes", Tensor::scalar(yes)}},
                   {"z"});
}

TEST(OpIf, TakesOneBranchWithOuterValues) {
  const auto yes = choose(true), no = choose(false);
  ASSERT_TRUE(yes.ok()) << yes.error().to_string();
  EXPECT_EQ(*yes->front().tensor(), Tensor::of<float>({2}, {3, 5}));
  ASSERT_TRUE(no.ok()) << no.error().to_string();
  EXPECT_EQ(*no->front().tensor(), Tensor::of<float>({2}, {9, 25}));
}

TEST(OpIf, NamesWhatIsMissingInABranch) {
  const OpCall call =
      named_call("If", {"yes"}, {"z"},
                 {{"then_branch", body_of({named_call("Frobnicate", {"x"}, {"a"})}, {}, {"a"})},
                  {"else_branch", body_of({}, {}, {"x"})}});
  const auto out =
      run_calls({call}, {{"x", Tensor::scalar(1.F)}, {"yes", Tensor::scalar(false)}}, {"z"});
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().code(), ErrorCode::kUnsupportedOp);
  EXPECT_NE(out.error().message().find("Frobnicate in a"), std::string::npos)
      << out.error().message();
}

TEST(OpIf, RefusesAConditionThatIsNotOneBool) {
  const OpCall call = named_call(
      "If", {"x"}, {"z"},
      {{"then_branch", body_of({}, {}, {"x"})}, {"else_branch", body_of({}, {}, {"x"})}});
  EXPECT_FALSE(run_calls({call}, {{"x", Tensor::scalar(1.F)}}, {"z"}).ok());
  EXPECT_FALSE(run_calls({call}, {{"x", Tensor::of<bool>({2}, {true, true})}}, {"z"}).ok());
}

}  // namespace
}  // namespace tenbin
