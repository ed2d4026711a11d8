// SPDX-License-Identifier: Apache-2.0
#include "base/bootstrap.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace tenbin {
namespace {

constexpr double kCorrelated = 0.3;
constexpr int kBlock = 4;

double quantile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = at - static_cast<double>(below);
  return sorted[below] * (1 - part) + sorted[above] * part;
}

}  // namespace

double median(std::vector<double> values) {
  assert(!values.empty());
  std::ranges::sort(values);
  return quantile(values, 0.5);
}

double lag_one(std::span<const double> values) {
  if (values.size() < 3) return 0;
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double together = 0, alone = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    alone += (values[i] - mean) * (values[i] - mean);
    if (i > 0) together += (values[i] - mean) * (values[i - 1] - mean);
  }
  return alone > 0 ? together / alone : 0;
}

Interval bootstrap(std::span<const double> values, int resamples, std::uint64_t seed) {
  assert(!values.empty());
  const std::size_t count = values.size();
  Interval out;
  out.median = median({values.begin(), values.end()});
  out.block = count >= std::size_t{2} * kBlock && lag_one(values) > kCorrelated ? kBlock : 1;
  const auto block = static_cast<std::size_t>(out.block);
  ResampleDraws random(seed);
  std::vector<double> medians, drawn;
  for (int i = 0; i < resamples; ++i) {
    drawn.clear();
    while (drawn.size() < count) {
      const std::size_t first = random.below(count - block + 1);
      for (std::size_t j = 0; j < block && drawn.size() < count; ++j) {
        drawn.push_back(values[first + j]);
      }
    }
    medians.push_back(median(drawn));
  }
  std::ranges::sort(medians);
  out.low = quantile(medians, 0.025);
  out.high = quantile(medians, 0.975);
  return out;
}

}  // namespace tenbin
