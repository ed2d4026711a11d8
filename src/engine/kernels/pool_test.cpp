// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/pool.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/kernels/simd.h"
#include "platform/random.h"

namespace tenbin::kernels {
namespace {

std::vector<float> normal(std::int64_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> out(static_cast<std::size_t>(count));
  for (float& x : out) x = static_cast<float>(random.normal());
  return out;
}

// Element of a window: plane, row, column, lane.
std::size_t at(const Pool& p, std::int64_t plane, std::int64_t y, std::int64_t x, std::int64_t c) {
  return static_cast<std::size_t>(((plane * p.height + y) * p.width + x) * 16 + c);
}

struct Row {
  const char* why;
  Pool pool;
  bool relu;
};
const Row kRows[] = {
    {"windows fill the plane", {3, 4, 6, 2}, true},
    {"a row and a column are left over", {2, 5, 7, 2}, true},
    {"windows of three", {2, 6, 9, 3}, false},
    {"one window", {1, 2, 2, 2}, false},
};

TEST(MaxPool, AgreesWithPlainLoopsForwardsAndBackwards) {
  if (!has_avx512()) GTEST_SKIP() << "this processor has no AVX-512";
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const Pool& p = row.pool;
    const auto src = normal(p.planes * p.height * p.width * 16, 1);
    const std::int64_t results = p.planes * p.out_height() * p.out_width() * 16;
    const auto diff_dst = normal(results, 2);
    std::vector<float> dst(static_cast<std::size_t>(results)), evaluated(dst.size());
    std::vector<std::uint8_t> places(dst.size());
    std::vector<float> diff_src(src.size(), 99), wanted(src.size(), 0);
    max_pool(p, src.data(), dst.data(), places.data(), row.relu);
    max_pool(p, src.data(), evaluated.data(), nullptr, row.relu);
    max_pool_backward(p, diff_dst.data(), places.data(), diff_src.data());
    EXPECT_EQ(dst, evaluated);
    for (std::size_t i = 0; i < dst.size(); ++i) {
      const auto n = static_cast<std::int64_t>(i);
      const std::int64_t c = n % 16, x = n / 16 % p.out_width();
      const std::int64_t y = n / 16 / p.out_width() % p.out_height();
      const std::int64_t plane = n / 16 / p.out_width() / p.out_height();
      std::size_t best = at(p, plane, y * p.size, x * p.size, c);
      for (std::int64_t k = 0; k < p.size * p.size; ++k) {
        const std::size_t here = at(p, plane, y * p.size + k / p.size, x * p.size + k % p.size, c);
        if (src[here] > src[best]) best = here;
      }
      const bool cut = row.relu && src[best] <= 0;
      EXPECT_EQ(dst[i], cut ? 0 : src[best]) << i;
      if (!cut) wanted[best] = diff_dst[i];
    }
    EXPECT_EQ(diff_src, wanted);
  }
}

}  // namespace
}  // namespace tenbin::kernels
