// SPDX-License-Identifier: Apache-2.0
#include "plan/paired_proof.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "base/bootstrap.h"

namespace tenbin {
namespace {

// The quantile of the normal distribution that leaves (1 - confidence) / 2 on each side, by
// bisection of its distribution function.
double normal_width(double confidence) {
  double low = 0, high = 10;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (std::erf(middle / std::sqrt(2.0)) < confidence ? low : high) = middle;
  }
  return low;
}

// Half the width of the interval of a drop between models that lose `lost` and win `won` of `rows`.
double half_width(double lost, double won, double rows, double confidence) {
  const double n = rows + 2, b = lost + 0.5, c = won + 0.5;
  return normal_width(confidence) * std::sqrt(std::max(0.0, b + c - (b - c) * (b - c) / n)) / n;
}

}  // namespace

Proven times_less(std::span<const double> original, std::span<const double> candidate) {
  assert(original.size() == candidate.size());
  std::vector<double> ratios;
  for (std::size_t i = 0; i < original.size(); ++i) ratios.push_back(original[i] / candidate[i]);
  const Interval interval = bootstrap(ratios);
  return {interval.median, interval.low, interval.high};
}

double PairedAnswers::accuracy() const {
  return static_cast<double>(original_right) / static_cast<double>(rows);
}

double PairedAnswers::accuracy_of_candidate() const {
  return static_cast<double>(original_right - only_original_right + only_candidate_right) /
         static_cast<double>(rows);
}

Proven accuracy_drop(const PairedAnswers& answers, double confidence) {
  assert(answers.rows > 0);
  const auto rows = static_cast<double>(answers.rows);
  const auto lost = static_cast<double>(answers.only_original_right);
  const auto won = static_cast<double>(answers.only_candidate_right);
  const double half = half_width(lost, won, rows, confidence);
  const double centre = (lost - won) / (rows + 2);
  return {(lost - won) / rows, centre - half, centre + half};
}

std::optional<std::int64_t> rows_for_proof(const PairedAnswers& answers, double bound,
                                           double confidence) {
  const auto proves = [&](double rows) {
    const double share = rows / static_cast<double>(answers.rows);
    const double lost = share * static_cast<double>(answers.only_original_right);
    const double won = share * static_cast<double>(answers.only_candidate_right);
    return (lost - won) / (rows + 2) + half_width(lost, won, rows, confidence) <= bound;
  };
  constexpr double kMost = 1e12;
  if (answers.rows <= 0 || !proves(kMost)) return std::nullopt;
  double low = 0, high = kMost;
  while (high - low > 1) {
    const double middle = std::floor((low + high) / 2);
    (proves(middle) ? high : low) = middle;
  }
  return static_cast<std::int64_t>(high);
}

std::int64_t least_rows_for_proof(double bound, double confidence) {
  return rows_for_proof({1, 1, 0, 0}, bound, confidence).value_or(0);
}

Proven r2_drop(std::span<const double> original_errors, std::span<const double> candidate_errors,
               std::span<const double> spreads, double confidence) {
  const std::size_t rows = spreads.size();
  assert(original_errors.size() == rows && candidate_errors.size() == rows && rows > 1);
  const auto drop = [](double more, double all) { return all > 0 ? more / all : 0.0; };
  double more = 0, all = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    more += candidate_errors[i] - original_errors[i];
    all += spreads[i];
  }
  constexpr int kResamples = 2'000;
  ResampleDraws random(1);
  std::vector<double> drops;
  for (int i = 0; i < kResamples; ++i) {
    double drawn_more = 0, drawn_all = 0;
    for (std::size_t k = 0; k < rows; ++k) {
      const std::size_t row = random.below(rows);
      drawn_more += candidate_errors[row] - original_errors[row];
      drawn_all += spreads[row];
    }
    drops.push_back(drop(drawn_more, drawn_all));
  }
  std::sort(drops.begin(), drops.end());
  const auto at = [&](double share) {
    return drops[static_cast<std::size_t>(share * static_cast<double>(drops.size() - 1))];
  };
  return {drop(more, all), at((1 - confidence) / 2), at((1 + confidence) / 2)};
}

}  // namespace tenbin
