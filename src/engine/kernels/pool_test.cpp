// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <type_traits>

#include "engine/kernels/simd.h"
#include "engine/kernels/test_floats.h"

namespace tenbin::kernels {
namespace {

// Where an element lies in [batch, channels, height, width].
std::size_t at(const Groups& groups, std::int64_t height, std::int64_t width, std::int64_t image,
               std::int64_t channel, std::int64_t y, std::int64_t x) {
  const std::int64_t pixels = height * width;
  return static_cast<std::size_t>(
      groups.channels_last
          ? (image * pixels + y * width + x) * 16 * groups.count + channel
          : ((image * groups.count + channel / 16) * pixels + y * width + x) * 16 + channel % 16);
}

struct Row {
  const char* why;
  Pool pool;
  bool relu;
};
const Row kRows[] = {
    {"windows fill the plane", {3, {2, false}, 4, 6, 2}, true},
    {"channels last", {2, {3, true}, 4, 6, 2}, true},
    {"a row and a column are left over", {2, {1, false}, 5, 7, 2}, true},
    {"channels last, with rest", {2, {2, true}, 5, 7, 3}, false},
    {"windows of three", {2, {1, false}, 6, 9, 3}, false},
    {"one window", {1, {1, true}, 2, 2, 2}, false},
};

template <class T> std::vector<T> as(const std::vector<float>& values) {
  std::vector<T> out(values.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    if constexpr (std::is_same_v<T, float>) {
      out[i] = values[i];
    } else {
      out[i].bits = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(values[i]) >> 16);
    }
  }
  return out;
}
float value_of(float x) { return x; }
float value_of(Bfloat16 x) { return std::bit_cast<float>(std::uint32_t{x.bits} << 16); }

template <class T> void check(const Row& row) {
  const Pool& p = row.pool;
  const std::int64_t channels = p.groups.count * 16;
  const auto src = as<T>(normal(p.batch * channels * p.height * p.width, 1));
  const std::int64_t results = p.batch * channels * p.out_height() * p.out_width();
  const auto diff_dst = as<T>(normal(results, 2));
  std::vector<T> dst(static_cast<std::size_t>(results)), evaluated(dst.size());
  std::vector<std::uint8_t> places(dst.size());
  std::vector<T> diff_src = as<T>(std::vector<float>(src.size(), 99));
  std::vector<float> wanted(src.size(), 0);
  max_pool(p, src.data(), dst.data(), places.data(), row.relu);
  max_pool(p, src.data(), evaluated.data(), nullptr, row.relu);
  max_pool_backward(p, diff_dst.data(), places.data(), diff_src.data());
  for (std::int64_t n = 0; n < results; ++n) {
    const std::int64_t x = n % p.out_width(), y = n / p.out_width() % p.out_height();
    const std::int64_t plane = n / p.out_width() / p.out_height();
    const std::int64_t c = plane % channels, image = plane / channels;
    const std::size_t to = at(p.groups, p.out_height(), p.out_width(), image, c, y, x);
    std::size_t best = at(p.groups, p.height, p.width, image, c, y * p.size, x * p.size);
    for (std::int64_t k = 0; k < p.size * p.size; ++k) {
      const std::size_t here = at(p.groups, p.height, p.width, image, c, y * p.size + k / p.size,
                                  x * p.size + k % p.size);
      if (value_of(src[here]) > value_of(src[best])) best = here;
    }
    const bool cut = row.relu && value_of(src[best]) <= 0;
    EXPECT_EQ(value_of(dst[to]), cut ? 0 : value_of(src[best])) << n;
    EXPECT_EQ(value_of(evaluated[to]), value_of(dst[to])) << "without places";
    if (!cut) wanted[best] = value_of(diff_dst[to]);
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(value_of(diff_src[i]), wanted[i]) << i;
}

TEST(MaxPool, AgreesWithPlainLoopsForwardsAndBackwards) {
  if (!has_avx512()) GTEST_SKIP() << "this processor has no AVX-512";
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    check<float>(row);
    check<Bfloat16>(row);
  }
}

}  // namespace
}  // namespace tenbin::kernels
