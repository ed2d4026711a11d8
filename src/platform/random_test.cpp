// SPDX-License-Identifier: Apache-2.0
#include "platform/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace tenbin {
namespace {

TEST(Philox, GivesThePublishedWords) {
  using Words = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, IsAFunctionOfItsPlace) {
  Random a(1, 2), b(1, 2), other(1, 3);
  std::vector<std::uint64_t> first;
  for (int i = 0; i < 10; ++i) first.push_back(a.next());
  b.seek(4);
  EXPECT_EQ(b.next(), first[4]);
  EXPECT_NE(other.next(), first[0]);
}

TEST(Random, HasTheRightMoments) {
  Random random(5);
  double sum = 0, squares = 0;
  std::vector<int> counts(7);
  for (int i = 0; i < 70'000; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
    ++counts[random.below(7)];
  }
  EXPECT_NEAR(sum / 70'000, 0, 0.02);
  EXPECT_NEAR(squares / 70'000, 1, 0.03);
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
  std::vector<std::int64_t> order(100), sorted;
  std::iota(order.begin(), order.end(), 0);
  sorted = order;
  random.shuffle(order);
  EXPECT_NE(order, sorted);
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, sorted) << "a shuffle loses nothing";
}

}  // namespace
}  // namespace tenbin
