// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/answer_check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace tenbin::bench {
namespace {

using Values = std::vector<double>;

TEST(AnswerCheck, Outputs) {
  struct Row {
    const char* why;
    Values a, b;
    bool passed;
  };
  const Row rows[] = {
      {"equal is equal", {3, -4}, {3, -4}, true},
      {"rounding passes", {3.00001, -4}, {3, -4}, true},
      {"a wrong value fails", {3.1, -4}, {3, -4}, false},
      {"a small value is judged by the rms, not by itself", {1e-6, 4}, {0, 4}, true},
      {"nothing proves nothing", {}, {}, false},
      {"one output too few", {3}, {3, -4}, false},
      {"NaN is no answer", {std::nan(""), -4}, {3, -4}, false},
      {"NaN is not hidden by a later good value", {std::nan(""), -4, 2}, {3, -4, 2}, false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(same_outputs(row.a, row.b, 1e-5).passed(), row.passed) << row.why;
  }
}

TEST(AnswerCheck, Gradients) {
  EXPECT_NEAR(same_gradient(Values{3, 4.5}, Values{3, 4}, 1).value, 0.1, 1e-12)
      << "half of one beside a length of five";
  EXPECT_TRUE(same_gradient(Values{3, 1e-9, 4}, Values{3, 0, 4}, 1e-4).passed());
  EXPECT_FALSE(same_gradient(Values{0, 0}, Values{0, 0}, 1).passed()) << "nothing proves nothing";
  EXPECT_FALSE(same_gradient(Values{std::nan(""), 4}, Values{3, 4}, 1).passed());
  EXPECT_FALSE(same_gradient(Values{3}, Values{3, 4}, 1).passed());
}

TEST(AnswerCheck, Curves) {
  EXPECT_TRUE(same_curve(Values{2, 1.00005, 0.5}, Values{2, 1, 0.5}, 1e-4).passed());
  EXPECT_FALSE(same_curve(Values{2, 1.1, 0.5}, Values{2, 1, 0.5}, 1e-4).passed());
  EXPECT_NEAR(same_curve(Values{2, 2}, Values{2, 1}, 1).value, 1.0 / 3, 1e-12)
      << "the mean so far is 2 against 1.5";
  EXPECT_FALSE(same_curve(Values{2, std::nan("")}, Values{2, 1}, 1e9).passed());
}

TEST(AnswerCheck, Sums) {
  EXPECT_TRUE(same_sums(Values{200000, 1e10 + 1}, Values{200000, 1e10}, 1e-9).passed());
  EXPECT_FALSE(same_sums(Values{199999}, Values{200000}, 1e-9).passed()) << "a row was lost";
  EXPECT_TRUE(same_sums(Values{0}, Values{0}, 1e-9).passed());
}

TEST(AnswerCheck, CountsRowsWithAnotherLabel) {
  const std::vector<double> a = {1, 0, 0, 3, 5, 4, 2, 1}, b = {0.9, 0.1, 3, 0, 5, 4, 2, 1};
  EXPECT_EQ(same_labels(a, b, 2, 0.3).value, 0.25);
  EXPECT_TRUE(same_labels(a, b, 2, 0.3).passed());
  EXPECT_FALSE(same_labels(a, b, 2, 0.2).passed());
  EXPECT_FALSE(same_labels(a, b, 3, 1).passed()) << "not whole rows";
  const std::vector<double> nan(8, std::nan(""));
  EXPECT_FALSE(same_labels(nan, b, 2, 1).passed());
}

}  // namespace
}  // namespace tenbin::bench
