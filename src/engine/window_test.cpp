// SPDX-License-Identifier: Apache-2.0
#include "engine/window.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

using Ints = std::vector<std::int64_t>;

TEST(Window, WorksOutPadding) {
  const auto upper =
      window_of(op_call("Conv", 2, {{"auto_pad", std::string("SAME_UPPER")}}), {1, 1, 5}, {2});
  ASSERT_TRUE(upper.ok());
  EXPECT_EQ(upper->before, Ints{0});
  EXPECT_EQ(upper->after, Ints{1});
  const auto lower =
      window_of(op_call("Conv", 2, {{"auto_pad", std::string("SAME_LOWER")}}), {1, 1, 5}, {2});
  EXPECT_EQ(lower->before, Ints{1});
  EXPECT_FALSE(window_of(op_call("Conv", 2), {1, 1, 5}, {6}).ok());
  EXPECT_FALSE(window_of(op_call("Conv", 2), {1, 1, 5}, {1, 1}).ok());
}

TEST(Window, VisitsWhatLiesInside) {
  const auto window = window_of(op_call("Conv", 2, {{"pads", Ints{1, 0}}}), {1, 1, 2}, {2});
  ASSERT_TRUE(window.ok());
  WindowWalk walk(*window);
  ASSERT_TRUE(walk.next());
  ASSERT_EQ(walk.taps().size(), 1U) << "the first place is padding";
  EXPECT_EQ(walk.taps()[0].tap, 1);
  EXPECT_EQ(walk.taps()[0].pixel, 0);
  EXPECT_EQ(walk.padded_taps(), 2);
  ASSERT_TRUE(walk.next());
  EXPECT_EQ(walk.taps().size(), 2U);
  EXPECT_FALSE(walk.next());
}

}  // namespace
}  // namespace tenbin
