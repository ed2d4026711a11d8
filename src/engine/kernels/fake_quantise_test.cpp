// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/fake_quantise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/kernels/quantise.h"

namespace tenbin::kernels {
namespace {

std::vector<float> ramp(std::size_t count) {
  std::vector<float> out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = 0.037F * static_cast<float>(i) - 4;
  return out;
}

TEST(FakeQuantise, RoundsAsThereAndBackThroughIntegers) {
  const auto src = ramp(301);
  for (const std::int32_t zero : {0, 20}) {
    std::vector<std::uint8_t> stored(src.size());
    std::vector<float> wanted(src.size()), found(src.size());
    quantise(stored.data(), src.data(), 301, 0.021F, zero);
    dequantise(wanted.data(), stored.data(), 301, 0.021F, zero);
    round_to_grid(found.data(), src.data(), 301, 0.021F, {static_cast<float>(zero), 0, 255});
    EXPECT_EQ(found, wanted);
  }
}

TEST(FakeQuantise, PassesGradientsInReachAlone) {
  const std::vector<float> src = {-1.5F, -0.04F, -0.06F, 0, 0.3F, 25.5F, 25.6F};
  const std::vector<float> diff = {1, 2, 3, 4, 5, 6, 7};
  std::vector<float> found(7);
  pass_in_reach(found.data(), diff.data(), src.data(), 7, 0.1F, {0, 0, 255});
  EXPECT_EQ(found, (std::vector<float>{0, 2, 0, 4, 5, 6, 0}));
}

TEST(FakeQuantise, ScalesOfElementsAreTheirOwnAndPaddingStaysZero) {
  const auto src = ramp(301);
  std::vector<float> scales(301), found(301), passed(301);
  const std::vector<float> ones(301, 1);
  for (std::size_t i = 0; i < 301; ++i)
    scales[i] = i % 3 == 0 ? 0 : 0.01F * static_cast<float>(i % 3);
  round_to_grids(found.data(), src.data(), scales.data(), 301, {});
  pass_in_reach(passed.data(), ones.data(), src.data(), scales.data(), 301, {});
  for (std::size_t i = 0; i < 301; ++i) {
    float one = 0, pass = 0;
    if (scales[i] > 0) {
      round_to_grid(&one, &src[i], 1, scales[i], {});
      pass_in_reach(&pass, ones.data(), &src[i], 1, scales[i], {});
    }
    EXPECT_EQ(found[i], one) << i;
    EXPECT_EQ(passed[i], pass) << i;
  }
}

}  // namespace
}  // namespace tenbin::kernels
