// SPDX-License-Identifier: Apache-2.0
#include "engine/axes.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

const Tensor kGrid = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});

TEST(Axes, PicksEachAxisOnItsOwn) {
  const auto turned = picked(
      kGrid, {2, 2}, [](std::size_t axis, std::int64_t i) { return axis == 0 ? 1 - i : 2 * i; });
  ASSERT_TRUE(turned.ok());
  EXPECT_EQ(*turned, Tensor::of<float>({2, 2}, {4, 6, 1, 3}));
}

TEST(Axes, FillsWhatIsOutside) {
  const Tensor nine = Tensor::scalar(9.0F);
  const auto bordered = picked(
      kGrid, {3, 3}, [](std::size_t axis, std::int64_t i) { return axis == 0 ? i - 1 : i; }, &nine);
  ASSERT_TRUE(bordered.ok());
  EXPECT_EQ(*bordered, Tensor::of<float>({3, 3}, {9, 9, 9, 1, 2, 3, 4, 5, 6}));
}

TEST(Axes, RefusesPlacesAndSizesPastTheLimits) {
  const AxisPlace same = [](std::size_t, std::int64_t i) { return i; };
  EXPECT_FALSE(picked(kGrid, {2, 4}, same).ok()) << "the fourth column is not there";
  EXPECT_FALSE(picked(kGrid, {1 << 20, 1 << 20}, same).ok());
  EXPECT_TRUE(picked(kGrid, {0, 1 << 30}, same).ok()) << "nothing is nothing, however wide";
}

}  // namespace
}  // namespace tenbin
