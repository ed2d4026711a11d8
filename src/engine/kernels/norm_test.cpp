// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/norm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <type_traits>

#include "engine/kernels/simd.h"
#include "platform/random.h"

namespace tenbin::kernels {
namespace {

template <class T> T made(double x) {
  const auto value = static_cast<float>(x);
  if constexpr (std::is_same_v<T, float>) {
    return value;
  } else {
    return {static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16)};
  }
}
double value_of(float x) { return static_cast<double>(x); }
double value_of(Bfloat16 x) {
  return static_cast<double>(std::bit_cast<float>(std::uint32_t{x.bits} << 16));
}

template <class T> std::vector<T> normal(std::int64_t count, std::uint64_t seed, double mean) {
  Random random(seed);
  std::vector<T> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(made<T>(random.normal() + mean));
  return out;
}

std::int64_t channel_of(const Norm& n, std::int64_t i) {
  if (n.groups.channels_last) return i % (16 * n.groups.count);
  return i / (16 * n.pixels) % n.groups.count * 16 + i % 16;
}

// By the formulas of the paper, in double.
template <class T> void check(const Norm& n, double mean_of_data, double tolerance) {
  const std::int64_t channels = 16 * n.groups.count, all = n.batch * n.pixels * channels;
  const auto src = normal<T>(all, 1, mean_of_data), diff_dst = normal<T>(all, 2, 0.2);
  const auto gamma = normal<float>(channels, 3, 1), beta = normal<float>(channels, 4, 0);
  const auto size = static_cast<std::size_t>(channels);
  std::vector<float> mean(size), variance(size), diff_gamma(size), diff_beta(size);
  std::vector<T> dst(src.size()), diff_src(src.size());
  const NormVectors v{gamma.data(), beta.data(), mean.data(), variance.data()};
  norm_statistics(n, src.data(), mean.data(), variance.data());
  norm_apply(n, v, src.data(), dst.data());
  norm_backward(n, v, src.data(), diff_dst.data(), diff_gamma.data(), diff_beta.data(),
                diff_src.data());
  const double count = static_cast<double>(n.batch * n.pixels);
  for (std::int64_t c = 0; c < channels; ++c) {
    SCOPED_TRACE(c);
    const auto at = static_cast<std::size_t>(c);
    std::vector<std::size_t> mine;
    for (std::int64_t i = 0; i < all; ++i) {
      if (channel_of(n, i) == c) mine.push_back(static_cast<std::size_t>(i));
    }
    double m = 0, var = 0;
    for (const std::size_t i : mine) m += value_of(src[i]) / count;
    for (const std::size_t i : mine) var += std::pow(value_of(src[i]) - m, 2) / count;
    EXPECT_NEAR(mean[at], m, 1e-5 * (1 + std::fabs(m)));
    EXPECT_NEAR(variance[at], var, 1e-4);
    const double inverse = 1 / std::sqrt(var + static_cast<double>(n.epsilon));
    const auto scale = static_cast<double>(gamma[at]) * inverse;
    double to_gamma = 0, to_beta = 0;
    const auto passed = [&](std::size_t i) {
      const double y = (value_of(src[i]) - m) * scale + static_cast<double>(beta[at]);
      return n.relu && y <= 0 ? 0.0 : value_of(diff_dst[i]);
    };
    for (const std::size_t i : mine) {
      to_gamma += passed(i) * (value_of(src[i]) - m) * inverse;
      to_beta += passed(i);
    }
    EXPECT_NEAR(diff_gamma[at], to_gamma, 1e-3);
    EXPECT_NEAR(diff_beta[at], to_beta, 1e-3);
    for (const std::size_t i : mine) {
      const double y = (value_of(src[i]) - m) * scale + static_cast<double>(beta[at]);
      EXPECT_NEAR(value_of(dst[i]), n.relu ? std::max(y, 0.0) : y, tolerance * (1 + std::fabs(y)));
      const double x = (value_of(src[i]) - m) * inverse;
      const double dx = scale * (passed(i) - to_beta / count - x * to_gamma / count);
      EXPECT_NEAR(value_of(diff_src[i]), dx, tolerance * (1 + std::fabs(dx)));
    }
  }
}

TEST(Norm, AgreesWithTheFormulas) {
  if (!has_avx512()) GTEST_SKIP() << "this processor has no AVX-512";
  const struct {
    const char* why;
    Norm norm;
    double mean;
  } rows[] = {{"planes", {3, {2, false}, 9, 1e-5F, false}, 0},
              {"channels last, with ReLU", {4, {2, true}, 7, 1e-3F, true}, 0},
              {"a mean a thousand deviations away", {2, {1, false}, 12, 1e-5F, true}, 1000},
              {"one pixel", {5, {1, false}, 1, 1e-5F, true}, 0}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    check<float>(row.norm, row.mean, row.mean > 0 ? 2e-3 : 1e-4);
    if (row.mean == 0) check<Bfloat16>(row.norm, row.mean, 0.01);
  }
}

}  // namespace
}  // namespace tenbin::kernels
