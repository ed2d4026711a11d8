// SPDX-License-Identifier: Apache-2.0
#include "app/fit/curves.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tenbin {
namespace {

CalibrationBin bin_of(double sum, double hits, double n) {
  constexpr double kZ = 1.959963984540054;
  const double share = hits / n, z2 = kZ * kZ / n;
  const double middle = (share + z2 / 2) / (1 + z2);
  const double half = kZ / (1 + z2) * std::sqrt(share * (1 - share) / n + z2 / (4 * n));
  return {sum / n, share, std::max(0.0, middle - half), std::min(1.0, middle + half),
          static_cast<std::int64_t>(n)};
}

// The place nearest to `to` behind `from` where the probability changes: ties stay together.
std::size_t near_change(std::span<const float> probability, std::span<const std::size_t> order,
                        std::size_t from, std::size_t to) {
  const auto tied = [&](std::size_t i) {
    return i < order.size() && i > from && probability[order[i]] == probability[order[i - 1]];
  };
  std::size_t back = to, on = to;
  while (tied(back)) --back;
  while (tied(on)) ++on;
  return back > from && to - back <= on - to ? back : on;
}

}  // namespace

std::vector<RocPoint> roc_curve(std::span<const float> probability,
                                std::span<const std::int64_t> labels, std::size_t most) {
  std::vector<std::size_t> order(labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return probability[a] > probability[b]; });
  const auto all = static_cast<double>(std::count(labels.begin(), labels.end(), 1));
  const double others = static_cast<double>(labels.size()) - all;
  if (all == 0 || others == 0) return {};
  std::vector<RocPoint> points = {{0, 0}};
  double hits = 0, misses = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    (labels[order[i]] == 1 ? hits : misses) += 1;
    const bool tie = i + 1 < order.size() && probability[order[i]] == probability[order[i + 1]];
    if (!tie) points.push_back({misses / others, hits / all});
  }
  std::vector<RocPoint> out;
  const std::size_t every = points.size() / most + 1;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i % every == 0 || i + 1 == points.size()) out.push_back(points[i]);
  }
  return out;
}

std::vector<CalibrationBin> calibration(std::span<const float> probability,
                                        std::span<const std::int64_t> labels) {
  constexpr std::size_t kBins = 10, kLeast = 20;
  std::vector<std::size_t> order(labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return probability[a] < probability[b]; });
  const std::size_t bins = std::clamp<std::size_t>(order.size() / kLeast, 1, kBins);
  std::vector<CalibrationBin> out;
  for (std::size_t b = 0, from = 0; b < bins && from < order.size(); ++b) {
    std::size_t to = std::max(from + 1, order.size() * (b + 1) / bins);
    to = near_change(probability, order, from, to);
    double sum = 0, hits = 0;
    for (std::size_t i = from; i < to; ++i) {
      sum += static_cast<double>(probability[order[i]]);
      hits += labels[order[i]] == 1 ? 1 : 0;
    }
    out.push_back(bin_of(sum, hits, static_cast<double>(to - from)));
    from = to;
  }
  return out;
}

}  // namespace tenbin
