// SPDX-License-Identifier: Apache-2.0
#include "data/profile/row_keys.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(KeySet, RemembersEachKeyOnceHoweverItGrows) {
  KeySet set;  // made for none, filled with many: it grows
  for (std::uint64_t i = 0; i < 5'000; ++i) {
    EXPECT_TRUE(set.insert({i % 7, i})) << i;
    EXPECT_FALSE(set.insert({i % 7, i})) << i;
  }
  for (std::uint64_t i = 0; i < 5'000; ++i) {
    EXPECT_TRUE(set.contains({i % 7, i})) << i;
    EXPECT_FALSE(set.contains({i % 7, i + 5'000})) << i;
  }
}

TEST(KeySet, KnowsTheKeyThatMarksFreePlaces) {
  KeySet set(10);
  EXPECT_FALSE(set.contains({}));
  EXPECT_TRUE(set.insert({}));
  EXPECT_TRUE(set.contains({}));
  EXPECT_FALSE(set.insert({}));
}

}  // namespace
}  // namespace tenbin
