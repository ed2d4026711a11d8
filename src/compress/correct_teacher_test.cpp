// SPDX-License-Identifier: Apache-2.0
#include "compress/correct_teacher.h"

#include <gtest/gtest.h>

#include <vector>

namespace tenbin {
namespace {

TEST(CorrectTeacher, ExchangesWhatItSaidWithTheTruth) {
  // Class 0 is output 1, and class 1 output 0.
  std::vector<float> logits = {1, 5, 2, 6, 1, 0, 0, 1, 9, 0, 4, 3, 7, 2, 1, 1, 2, 8};
  const std::vector<std::int64_t> labels = {0, 1, 2, 0, 0, -1};
  const auto wrong = correct_teacher(logits, 3, labels);
  ASSERT_TRUE(wrong.has_value());
  EXPECT_EQ(*wrong, 1);
  EXPECT_EQ(logits, (std::vector<float>{1, 5, 2, 6, 1, 0, 0, 1, 9, 0, 4, 3, 2, 7, 1, 1, 2, 8}))
      << "the fifth row said class 1; the last has no label";
}

TEST(CorrectTeacher, LeavesAloneWhatDoesNotPairOff) {
  const std::vector<float> before = {1, 5, 2, 6, 1, 7};
  std::vector<float> logits = before;
  const std::vector<std::int64_t> same = {0, 1, 0}, many = {0, 1, 5};
  EXPECT_EQ(correct_teacher(logits, 2, same), std::nullopt) << "both classes are output 1";
  EXPECT_EQ(correct_teacher(logits, 2, many), std::nullopt) << "more classes than outputs";
  EXPECT_EQ(correct_teacher(logits, 3, same), std::nullopt) << "of other rows";
  EXPECT_EQ(logits, before);
}

}  // namespace
}  // namespace tenbin
