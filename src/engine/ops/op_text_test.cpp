// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpText, NormalizesCase) {
  Attributes lower = {{"case_change_action", std::string("LOWER")}};
  EXPECT_EQ(
      run_op(op_call("StringNormalizer", 1, lower), {Tensor::strings({2}, {"Ab", "CÉ"})})->front(),
      Tensor::strings({2}, {"ab", "cÉ"}))
      << "ASCII alone, so that no locale changes the answer";
  lower["stopwords"] = std::vector<std::string>{"ab", "c"};
  EXPECT_EQ(
      run_op(op_call("StringNormalizer", 1, lower), {Tensor::strings({2}, {"Ab", "C"})})->front(),
      Tensor::strings({1}, {""}))
      << "nothing left is one empty string";
}

TEST(OpText, SplitsAtWhiteSpace) {
  const auto out =
      run_op(op_call("StringSplit", 1, {}, "", 2), {Tensor::strings({3}, {"  a  b\tc ", "", "d"})});
  ASSERT_TRUE(out.ok());
  EXPECT_EQ((*out)[0], Tensor::strings({3, 3}, {"a", "b", "c", "", "", "", "d", "", ""}));
  EXPECT_EQ((*out)[1], Tensor::of<std::int64_t>({3}, {3, 0, 1}));
  const auto commas = run_op(op_call("StringSplit", 1, {{"delimiter", std::string(",")}}, "", 2),
                             {Tensor::strings({1}, {"a,,b"})});
  EXPECT_EQ((*commas)[0], Tensor::strings({1, 3}, {"a", "", "b"}));
}

}  // namespace
}  // namespace tenbin
