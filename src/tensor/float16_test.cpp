// SPDX-License-Identifier: Apache-2.0
#include "tensor/float16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tenbin {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Float16, RoundsToTheNearestTiesToEven) {
  const struct {
    const char* why;
    float value;
    std::uint16_t bits;
  } rows[] = {{"one", 1, 0x3C00},
              {"negative zero", -0.0F, 0x8000},
              {"largest", 65504, 0x7BFF},
              {"just below the tie to infinity", 65519.996F, 0x7BFF},
              {"the tie to infinity", 65520, 0x7C00},
              {"infinity", -kInfinity, 0xFC00},
              {"tie to even, down", 1 + 0x1p-11F, 0x3C00},
              {"tie to even, up", 1 + 3 * 0x1p-11F, 0x3C02},
              {"carry into the exponent", 2 - 0x1p-12F, 0x4000},
              {"smallest normal", 0x1p-14F, 0x0400},
              {"largest subnormal", 0x1p-14F - 0x1p-24F, 0x03FF},
              {"smallest subnormal", 0x1p-24F, 0x0001},
              {"half of it ties to zero", 0x1p-25F, 0x0000},
              {"more than half of it", 0x1.8p-25F, 0x0001}};
  for (const auto& row : rows) EXPECT_EQ(float16_bits(row.value), row.bits) << row.why;
  EXPECT_TRUE(std::isnan(static_cast<float>(Float16(std::nanf("")))));
}

TEST(Float16, EveryNumberComesBack) {
  for (std::uint32_t bits = 0; bits < 0x10000U; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = float16_value(half);
    EXPECT_TRUE(std::isnan(value) || float16_bits(value) == half) << bits;
    const float brain = bfloat16_value(half);
    EXPECT_TRUE(std::isnan(brain) || bfloat16_bits(brain) == half) << bits;
  }
}

TEST(Float16, RoundsADoubleOnce) {
  // Just above a tie: as a float it is the tie, which goes down to even.
  const double above = 1 + 0x1p-11 + 0x1p-40;
  EXPECT_EQ(static_cast<float>(Float16(above)), 1 + 0x1p-10F);
  EXPECT_EQ(static_cast<float>(Float16(-above)), -1 - 0x1p-10F);
  EXPECT_EQ(static_cast<float>(Float16(1e300)), kInfinity);
  EXPECT_EQ(static_cast<float>(Float16(1e-300)), 0);
}

TEST(Bfloat16, RoundsToTheNearestTiesToEven) {
  EXPECT_EQ(bfloat16_bits(1), 0x3F80);
  EXPECT_EQ(bfloat16_bits(1 + 0x1p-8F), 0x3F80) << "a tie goes to even";
  EXPECT_EQ(bfloat16_bits(1 + 3 * 0x1p-8F), 0x3F82);
  EXPECT_EQ(bfloat16_bits(std::numeric_limits<float>::max()), 0x7F80) << "infinity";
  EXPECT_TRUE(std::isnan(static_cast<float>(Bfloat16(std::nanf("")))));
  EXPECT_EQ(static_cast<float>(Bfloat16(1 + 0x1p-8 + 0x1p-40)), 1 + 0x1p-7F);
}

}  // namespace
}  // namespace tenbin
