// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/answer_check.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tenbin::bench {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

bool comparable(std::span<const double> a, std::span<const double> b) {
  return !a.empty() && a.size() == b.size();
}

// NaN once, NaN for good: std::max would forget it.
double larger(double a, double b) { return std::isnan(a) || b <= a ? a : b; }

}  // namespace

Json AnswerCheck::json() const {
  return Json::object({{"name", name}, {"value", value}, {"bound", bound}});
}

AnswerCheck same_outputs(std::span<const double> a, std::span<const double> b, double bound) {
  AnswerCheck out{"largest difference of outputs over their rms", kNone, bound};
  if (!comparable(a, b)) return out;
  double squares = 0, worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    squares += b[i] * b[i];
    worst = larger(worst, std::abs(a[i] - b[i]));
  }
  out.value = worst / std::sqrt(squares / static_cast<double>(b.size()));
  return out;
}

AnswerCheck same_labels(std::span<const double> a, std::span<const double> b, std::size_t classes,
                        double bound) {
  AnswerCheck out{"share of rows with another label", kNone, bound};
  if (!comparable(a, b) || classes == 0 || a.size() % classes != 0) return out;
  const auto label = [&](std::span<const double> all, std::size_t row) {
    const auto outputs = all.subspan(row * classes, classes);
    return std::max_element(outputs.begin(), outputs.end()) - outputs.begin();
  };
  const std::size_t rows = a.size() / classes;
  std::size_t differ = 0;
  for (std::size_t row = 0; row < rows; ++row) differ += label(a, row) != label(b, row) ? 1 : 0;
  const bool numbers = std::none_of(a.begin(), a.end(), [](double v) { return std::isnan(v); });
  if (numbers) out.value = static_cast<double>(differ) / static_cast<double>(rows);
  return out;
}

AnswerCheck same_gradient(std::span<const double> a, std::span<const double> b, double bound) {
  AnswerCheck out{"difference of gradients over their size", kNone, bound};
  if (!comparable(a, b)) return out;
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  out.value = std::sqrt(difference / size);
  return out;
}

AnswerCheck same_curve(std::span<const double> a, std::span<const double> b, double bound) {
  AnswerCheck out{
      "largest relative difference of the mean loss so far, " + std::to_string(b.size()) + " steps",
      kNone, bound};
  if (!comparable(a, b)) return out;
  double sum_a = 0, sum_b = 0, worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum_a += a[i];
    sum_b += b[i];
    worst = larger(worst, std::abs(sum_a - sum_b) / std::abs(sum_b));
  }
  out.value = worst;
  return out;
}

AnswerCheck same_sums(std::span<const double> a, std::span<const double> b, double bound) {
  AnswerCheck out{"largest relative difference of sums", kNone, bound};
  if (!comparable(a, b)) return out;
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double scale = std::max(std::abs(b[i]), std::numeric_limits<double>::min());
    worst = larger(worst, std::abs(a[i] - b[i]) / scale);
  }
  out.value = worst;
  return out;
}

}  // namespace tenbin::bench
