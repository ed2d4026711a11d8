// SPDX-License-Identifier: Apache-2.0
#include "compress/histogram.h"

#include <algorithm>
#include <cmath>

namespace tenbin {
namespace {

constexpr std::size_t kBins = 8192;        // each way; at least half of them are in use
constexpr std::size_t kCoarseBins = 2048;  // for the divergence
constexpr int kBounds = 100;               // tried for the least error
constexpr double kShareOfUnseen = 1e-6;    // stands for a bin that the grid lost

void merge_pairs(std::vector<std::int64_t>& bins) {
  for (std::size_t i = 0; i < kBins / 2; ++i) bins[i] = bins[2 * i] + bins[2 * i + 1];
  std::fill(bins.begin() + kBins / 2, bins.end(), 0);
}

// The first `kept` bins of `p` as `levels` levels, each spread evenly over the bins seen in it.
std::vector<double> through_levels(const std::vector<double>& p, std::size_t kept, int levels) {
  std::vector<double> q(kept, 0);
  for (int level = 0; level < levels; ++level) {
    const auto at = [&](int i) {
      return kept * static_cast<std::size_t>(i) / static_cast<std::size_t>(levels);
    };
    double sum = 0, seen = 0;
    for (std::size_t i = at(level); i < at(level + 1); ++i) {
      sum += p[i];
      seen += p[i] > 0 ? 1 : 0;
    }
    for (std::size_t i = at(level); i < at(level + 1); ++i) {
      if (p[i] > 0) q[i] = sum / seen;
    }
  }
  return q;
}

double divergence(const std::vector<double>& magnitudes, std::size_t kept, int levels) {
  double total = 0, tail = 0;
  for (std::size_t i = 0; i < magnitudes.size(); ++i) {
    total += magnitudes[i];
    if (i >= kept) tail += magnitudes[i];
  }
  const std::vector<double> q = through_levels(magnitudes, kept, levels);
  const double inside = std::max(total - tail, 1e-300);
  double sum = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    const double p = (magnitudes[i] + (i + 1 == kept ? tail : 0)) / total;
    if (p > 0) sum += p * std::log(p / std::max(q[i] / inside, kShareOfUnseen));
  }
  return sum;
}

}  // namespace

Histogram::Histogram() : above_(kBins, 0), below_(kBins, 0) {}

void Histogram::widen(float largest) {
  const double wanted = static_cast<double>(largest);
  if (wanted <= 0) return;
  if (width_ == 0) width_ = wanted / static_cast<double>(kBins - 1);
  while (wanted >= width_ * static_cast<double>(kBins)) {
    merge_pairs(above_);
    merge_pairs(below_);
    width_ *= 2;
  }
}

void Histogram::add_extremes(std::span<const float> values) {
  if (values.empty()) return;
  const auto [least, most] = std::ranges::minmax(values);
  least_ = empty_ ? least : std::min(least_, least);
  most_ = empty_ ? most : std::max(most_, most);
  empty_ = false;
}

void Histogram::add(std::span<const float> values) {
  if (values.empty()) return;
  add_extremes(values);
  widen(std::max(-least_, most_));
  for (const float v : values) {
    if (v == 0) {
      ++zeros_;
      continue;
    }
    const auto bin = static_cast<std::size_t>(std::fabs(static_cast<double>(v)) / width_);
    ++(v > 0 ? above_ : below_)[std::min(bin, kBins - 1)];
  }
  count_ += static_cast<std::int64_t>(values.size());
}

Histogram::Span Histogram::middle(double share) const {
  const double cut = (1 - share) / 2 * static_cast<double>(count_);
  // Walks the bins upwards, or downwards for `sign` -1, until more than `cut` values are passed.
  const auto walk = [&](double sign) {
    const auto& first = sign > 0 ? below_ : above_;
    const auto& second = sign > 0 ? above_ : below_;
    double passed = 0;
    for (std::size_t i = kBins; i-- > 0;) {
      passed += static_cast<double>(first[i]);
      if (passed > cut) return -sign * (static_cast<double>(i) + 0.5) * width_;
    }
    passed += static_cast<double>(zeros_);
    if (passed > cut) return 0.0;
    for (std::size_t i = 0; i < kBins; ++i) {
      passed += static_cast<double>(second[i]);
      if (passed > cut) return sign * (static_cast<double>(i) + 0.5) * width_;
    }
    return 0.0;
  };
  return {std::max(least_, static_cast<float>(walk(1))),
          std::min(most_, static_cast<float>(walk(-1)))};
}

double Histogram::error_of_bound(double bound, int levels) const {
  const double step = bound / levels;
  double error = 0;
  for (std::size_t i = 0; i < kBins; ++i) {
    const double seen = static_cast<double>(above_[i] + below_[i]);
    if (seen == 0) continue;
    const double value = (static_cast<double>(i) + 0.5) * width_;
    const double stored = std::min(std::nearbyint(value / step), static_cast<double>(levels));
    error += seen * (value - stored * step) * (value - stored * step);
  }
  return error;
}

float Histogram::bound_of_least_error(int levels) const {
  const double top = static_cast<double>(std::max(-least_, most_));
  double best = top, least = top > 0 ? error_of_bound(top, levels) : 0;
  for (int i = 1; i < kBounds && top > 0; ++i) {
    const double bound = top * i / kBounds;
    const double error = error_of_bound(bound, levels);
    if (error < least) {
      least = error;
      best = bound;
    }
  }
  return static_cast<float>(best);
}

std::vector<double> Histogram::magnitudes(std::size_t bins) const {
  const double top = static_cast<double>(std::max(-least_, most_));
  std::vector<double> out(bins, 0);
  for (std::size_t i = 0; i < kBins; ++i) {
    const double place = (static_cast<double>(i) + 0.5) * width_ / top * static_cast<double>(bins);
    out[std::min(static_cast<std::size_t>(place), bins - 1)] +=
        static_cast<double>(above_[i] + below_[i]);
  }
  return out;
}

float Histogram::bound_of_least_divergence(int levels) const {
  const float top = std::max(-least_, most_);
  if (!(top > 0)) return top;
  const std::vector<double> seen = magnitudes(kCoarseBins);
  std::size_t best = kCoarseBins;
  double least = divergence(seen, kCoarseBins, levels);
  for (auto kept = static_cast<std::size_t>(levels); kept < kCoarseBins; kept += 8) {
    const double found = divergence(seen, kept, levels);
    if (found < least) {
      least = found;
      best = kept;
    }
  }
  return top * static_cast<float>(best) / static_cast<float>(kCoarseBins);
}

}  // namespace tenbin
