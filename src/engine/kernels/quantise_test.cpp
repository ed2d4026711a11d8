// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/quantise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tenbin::kernels {
namespace {

// 19 values: one vector of 16 and a rest.
constexpr std::int64_t kCount = 19;

TEST(Quantise, BringsGroupsOfChannelsTogether) {
  const Grouped16 shape{2, 3, 5};
  const std::int64_t channels = shape.groups * 16, count = shape.batch * shape.pixels * channels;
  std::vector<float> src(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < src.size(); ++i) src[i] = 0.07F * static_cast<float>(i % 301) - 9;
  std::vector<std::int8_t> flat(src.size()), last(src.size());
  quantise(flat.data(), src.data(), count, 0.1F, 3);
  quantise_to_last(last.data(), src.data(), shape, 0.1F, 3);
  for (std::int64_t n = 0; n < shape.batch; ++n) {
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < shape.pixels; ++p) {
        const auto from = ((n * shape.groups + c / 16) * shape.pixels + p) * 16 + c % 16;
        const auto to = (n * shape.pixels + p) * channels + c;
        ASSERT_EQ(last[static_cast<std::size_t>(to)], flat[static_cast<std::size_t>(from)])
            << n << " " << c << " " << p;
      }
    }
  }
}

TEST(Quantise, RoundsTiesToEvenAndSaturates) {
  const struct {
    const char* why;
    float value;
    std::int32_t zero;
    int as_unsigned, as_signed;
  } rows[] = {{"a tie goes to the even step below", 0.5F * 0.25F, 0, 0, 0},
              {"a tie goes to the even step above", 1.5F * 0.25F, 0, 2, 2},
              {"the offset comes after rounding", 0.5F * 0.25F, 3, 3, 3},
              {"below the grid", -1e9F, 0, 0, -128},
              {"above the grid", 1e9F, 0, 255, 127},
              {"infinite", std::numeric_limits<float>::infinity(), 5, 255, 127}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const std::vector<float> src(kCount, row.value);
    std::vector<std::uint8_t> u(kCount, 77);
    std::vector<std::int8_t> s(kCount, 77);
    quantise(u.data(), src.data(), kCount, 0.25F, row.zero);
    quantise(s.data(), src.data(), kCount, 0.25F, row.zero);
    for (std::size_t i = 0; i < kCount; ++i) {
      EXPECT_EQ(u[i], row.as_unsigned) << i;
      EXPECT_EQ(s[i], row.as_signed) << i;
    }
  }
}

TEST(Quantise, ReturnsWhatIsOnTheGrid) {
  std::vector<std::int8_t> stored(kCount), again(kCount);
  for (std::size_t i = 0; i < kCount; ++i) stored[i] = static_cast<std::int8_t>(14 * i - 127);
  std::vector<float> real(kCount);
  dequantise(real.data(), stored.data(), kCount, 0.3F, 4);
  EXPECT_FLOAT_EQ(real[1], (-113 - 4) * 0.3F);
  EXPECT_FLOAT_EQ(real[18], (125 - 4) * 0.3F);
  quantise(again.data(), real.data(), kCount, 0.3F, 4);
  EXPECT_EQ(again, stored);
}

TEST(Quantise, AddsAcrossGrids) {
  std::vector<std::uint8_t> a(kCount, 10), sum(kCount);
  std::vector<std::int8_t> b(kCount, -8);
  // 10 * 0.5 - 8 * 0.25 = 3, on a grid of 0.2 with zero 7: 15 + 7.
  add_on_grid(sum.data(), a.data(), b.data(), kCount, {0.5F / 0.2F, 0.25F / 0.2F, 7, 0});
  EXPECT_EQ(sum, std::vector<std::uint8_t>(kCount, 22));
  // -30 steps with zero 7 would be -23: a ReLU keeps it at its zero.
  add_on_grid(sum.data(), a.data(), b.data(), kCount, {-2, 1.25F, 7, 7});
  EXPECT_EQ(sum, std::vector<std::uint8_t>(kCount, 7));
}

TEST(Quantise, FindsTheLargestOfEachWindow) {
  for (const std::int64_t channels : {3, 64, 80}) {
    const BytePool pool{2, 5, 4, channels, 2};  // the last line has no window
    std::vector<std::int8_t> src(static_cast<std::size_t>(2 * 5 * 4 * channels));
    for (std::size_t i = 0; i < src.size(); ++i) src[i] = static_cast<std::int8_t>(i * 37 % 256);
    std::vector<std::int8_t> dst(static_cast<std::size_t>(2 * 2 * 2 * channels));
    max_of_windows(dst.data(), src.data(), pool);
    const auto at = [&](std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t c) {
      return src[static_cast<std::size_t>(((n * 5 + y) * 4 + x) * channels + c)];
    };
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(dst.size()); ++i) {
      const std::int64_t c = i % channels, x = i / channels % 2 * 2, y = i / channels / 2 % 2 * 2;
      const std::int64_t n = i / channels / 4;
      EXPECT_EQ(dst[static_cast<std::size_t>(i)],
                std::max({at(n, y, x, c), at(n, y, x + 1, c), at(n, y + 1, x, c),
                          at(n, y + 1, x + 1, c)}))
          << channels << " at " << i;
    }
  }
}

TEST(Quantise, AveragesPixelsOfEachChannel) {
  constexpr std::int64_t kChannels = 300;  // more than one block of sums
  std::vector<std::uint8_t> src(2 * 3 * kChannels);
  for (std::size_t i = 0; i < src.size(); ++i) src[i] = static_cast<std::uint8_t>(i * 7 % 251);
  std::vector<float> mean(2 * kChannels);
  mean_of_pixels(mean.data(), src.data(), 2, 3, kChannels, 0.5F, 6);
  for (std::size_t n = 0; n < 2; ++n) {
    for (std::size_t c = 0; c < kChannels; ++c) {
      float sum = 0;
      for (std::size_t p = 0; p < 3; ++p) sum += src[(n * 3 + p) * kChannels + c];
      EXPECT_NEAR(mean[n * kChannels + c], (sum / 3 - 6) * 0.5F, 1e-4F) << n << ' ' << c;
    }
  }
}

}  // namespace
}  // namespace tenbin::kernels
