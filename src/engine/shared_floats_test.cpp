// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/shared_floats.h"

#include <gtest/gtest.h>

namespace tenbin::dnn {
namespace {

AlignedFloats floats_of(std::size_t count, float value) {
  AlignedFloats out = aligned_floats(count * sizeof(float));
  for (std::size_t i = 0; i < count; ++i) out[i] = value + static_cast<float>(i);
  return out;
}

TEST(SharedFloats, EqualOnesAreHeldOnceAsLongAsAnybodyHoldsThem) {
  constexpr std::size_t kCount = 5000, kBytes = kCount * sizeof(float);
  auto first = share_floats(floats_of(kCount, 1), kBytes);
  const auto same = share_floats(floats_of(kCount, 1), kBytes);
  const auto other = share_floats(floats_of(kCount, 2), kBytes);
  EXPECT_EQ(first.get(), same.get());
  EXPECT_NE(first.get(), other.get());
  EXPECT_EQ(same[7], 8);
  // One float apart, and one float longer.
  AlignedFloats near = floats_of(kCount, 1);
  near[kCount - 1] = 0;
  EXPECT_NE(share_floats(std::move(near), kBytes).get(), first.get());
  EXPECT_NE(share_floats(floats_of(kCount + 1, 1), kBytes + sizeof(float)).get(), first.get());
  EXPECT_EQ(first.use_count(), 2);
}

TEST(SharedFloats, SmallOnesAreLeftAlone) {
  const auto first = share_floats(floats_of(8, 1), 32);
  const auto same = share_floats(floats_of(8, 1), 32);
  EXPECT_NE(first.get(), same.get());
}

}  // namespace
}  // namespace tenbin::dnn
