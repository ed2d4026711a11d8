// SPDX-License-Identifier: Apache-2.0
#include "engine/score.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "platform/random.h"

namespace tenbin {
namespace {

constexpr double kZ = 1.959963984540054;  // 97.5 % quantile of the normal distribution
constexpr int kResamples = 1000;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

Score wilson(std::string name, std::int64_t hits, std::int64_t rows) {
  const auto n = static_cast<double>(rows);
  const double p = static_cast<double>(hits) / n;
  const double scale = 1 + kZ * kZ / n;
  const double centre = (p + kZ * kZ / (2 * n)) / scale;
  const double half = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n)) / scale;
  return {std::move(name), p,   std::max(0.0, centre - half), std::min(1.0, centre + half),
          "wilson",        true};
}

// Mid-ranks (1-based) of values, ties sharing their mean rank.
std::vector<double> mid_ranks(std::span<const float> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    while (j < order.size() && values[order[j]] == values[order[i]]) ++j;
    const double rank = 0.5 * static_cast<double>(i + j - 1) + 1;
    for (; i < j; ++i) ranks[order[i]] = rank;
  }
  return ranks;
}

double variance(std::span<const double> values) {
  if (values.size() < 2) return 0;
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double sum = 0;
  for (const double v : values) sum += (v - mean) * (v - mean);
  return sum / (n - 1);
}

struct Auroc {
  double area = 0.5;
  double error = 0;  // standard error
};

std::optional<Auroc> delong(std::span<const float> scores, std::span<const std::uint8_t> positive) {
  std::vector<float> hits, misses;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    (positive[i] != 0 ? hits : misses).push_back(scores[i]);
  }
  if (hits.empty() || misses.empty()) return std::nullopt;
  const auto m = static_cast<double>(hits.size());
  const auto n = static_cast<double>(misses.size());
  std::vector<float> all = hits;
  all.insert(all.end(), misses.begin(), misses.end());
  const std::vector<double> ranks = mid_ranks(all);
  const std::vector<double> hit_ranks = mid_ranks(hits);
  const std::vector<double> miss_ranks = mid_ranks(misses);
  std::vector<double> by_hit(hits.size()), by_miss(misses.size());
  double sum = 0;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    by_hit[i] = (ranks[i] - hit_ranks[i]) / n;
    sum += by_hit[i];
  }
  for (std::size_t i = 0; i < misses.size(); ++i) {
    by_miss[i] = 1 - (ranks[hits.size() + i] - miss_ranks[i]) / m;
  }
  return Auroc{sum / m, std::sqrt(variance(by_hit) / m + variance(by_miss) / n)};
}

Score auroc_score(std::span<const float> probabilities, std::span<const std::int64_t> labels,
                  std::int64_t classes) {
  Score score{"auroc", 0.5, std::nullopt, std::nullopt, "delong", true};
  double sum = 0, squares = 0;
  int counted = 0;
  std::vector<float> column(labels.size());
  std::vector<std::uint8_t> positive(labels.size());
  for (std::int64_t k = classes == 2 ? 1 : 0; k < classes; ++k) {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      column[i] = probabilities[i * at(classes) + at(k)];
      positive[i] = labels[i] == k ? 1 : 0;
    }
    const auto one = delong(column, positive);
    if (!one) continue;
    sum += one->area;
    squares += one->error;  // errors of classes over the same rows are not independent: linear
    ++counted;
  }
  if (counted == 0) return score;
  score.value = sum / counted;
  const double error = squares / counted;
  score.lo = std::max(0.0, score.value - kZ * error);
  score.hi = std::min(1.0, score.value + kZ * error);
  return score;
}

Score f1_score(std::span<const std::int64_t> confusion, std::int64_t classes) {
  const auto one = [&](std::int64_t k) {
    double hits = 0, predicted = 0, actual = 0;
    for (std::int64_t j = 0; j < classes; ++j) {
      predicted += static_cast<double>(confusion[at(j * classes + k)]);
      actual += static_cast<double>(confusion[at(k * classes + j)]);
    }
    hits = static_cast<double>(confusion[at(k * classes + k)]);
    return predicted + actual == 0 ? 0.0 : 2 * hits / (predicted + actual);
  };
  if (classes == 2) return {"f1", one(1), std::nullopt, std::nullopt, "", true};
  double sum = 0;
  for (std::int64_t k = 0; k < classes; ++k) sum += one(k);
  return {"f1_macro", sum / static_cast<double>(classes), std::nullopt, std::nullopt, "", true};
}

// Mean of per-row losses, which are not negative, with its normal interval.
Score mean_score(std::string name, std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  const double half = kZ * std::sqrt(variance(values) / n);
  return {std::move(name), mean, std::max(0.0, mean - half), mean + half, "normal", false};
}

struct Sums {  // what r2, rmse and mae are made of
  double n = 0, y = 0, yy = 0, ee = 0, ae = 0;
  double r2() const {
    const double spread = yy - y * y / n;
    return spread > 0 ? 1 - ee / spread : 0;
  }
};

}  // namespace

Json to_json(const Score& score) {
  Json out = Json::object(
      {{"name", score.name}, {"value", score.value}, {"higher_is_better", score.higher_is_better}});
  if (score.lo) out.set("lo", *score.lo);
  if (score.hi) out.set("hi", *score.hi);
  if (!score.interval.empty()) out.set("interval", score.interval);
  return out;
}

std::vector<std::int64_t> arg_max_rows(std::span<const float> values, std::int64_t width) {
  std::vector<std::int64_t> out(width == 0 ? 0 : values.size() / at(width));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto row = values.subspan(i * at(width), at(width));
    out[i] = std::max_element(row.begin(), row.end()) - row.begin();
  }
  return out;
}

std::vector<std::int64_t> confusion_matrix(std::span<const std::int64_t> predicted,
                                           std::span<const std::int64_t> actual,
                                           std::int64_t classes) {
  std::vector<std::int64_t> counts(at(classes * classes), 0);
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ++counts[at(actual[i] * classes + predicted[i])];
  }
  return counts;
}

std::optional<double> auroc(std::span<const float> scores, std::span<const std::uint8_t> positive) {
  const auto found = delong(scores, positive);
  if (!found) return std::nullopt;
  return found->area;
}

std::vector<Score> classification_scores(std::span<const float> probabilities,
                                         std::span<const std::int64_t> labels,
                                         std::int64_t classes) {
  if (labels.empty()) return {};
  const auto predicted = arg_max_rows(probabilities, classes);
  std::int64_t hits = 0;
  std::vector<double> losses(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    hits += predicted[i] == labels[i] ? 1 : 0;
    const double p = probabilities[i * at(classes) + at(labels[i])];
    losses[i] = -std::log(std::max(p, 1e-15));
  }
  const Score accuracy = wilson("accuracy", hits, static_cast<std::int64_t>(labels.size()));
  const Score area = auroc_score(probabilities, labels, classes);
  const auto confusion = confusion_matrix(predicted, labels, classes);
  std::vector<Score> out = classes == 2 ? std::vector{area, accuracy} : std::vector{accuracy, area};
  out.push_back(f1_score(confusion, classes));
  out.push_back(mean_score("log_loss", losses));
  return out;
}

std::vector<Score> regression_scores(std::span<const float> predictions,
                                     std::span<const float> targets) {
  const std::size_t rows = targets.size();
  if (rows == 0) return {};
  const auto add = [&](Sums& sums, std::size_t i) {
    const double y = targets[i];
    const double e = static_cast<double>(predictions[i]) - y;
    sums.n += 1;
    sums.y += y;
    sums.yy += y * y;
    sums.ee += e * e;
    sums.ae += std::fabs(e);
  };
  Sums whole;
  for (std::size_t i = 0; i < rows; ++i) add(whole, i);
  std::vector<double> r2, rmse, mae;
  Random random(20, 1);
  for (int b = 0; b < kResamples; ++b) {
    Sums sums;
    for (std::size_t i = 0; i < rows; ++i) add(sums, random.below(rows));
    r2.push_back(sums.r2());
    rmse.push_back(std::sqrt(sums.ee / sums.n));
    mae.push_back(sums.ae / sums.n);
  }
  const auto score = [](const char* name, double value, std::vector<double>& samples, bool higher) {
    std::sort(samples.begin(), samples.end());
    return Score{name, value, samples[25], samples[974], "bootstrap", higher};
  };
  return {score("r2", whole.r2(), r2, true),
          score("rmse", std::sqrt(whole.ee / whole.n), rmse, false),
          score("mae", whole.ae / whole.n, mae, false)};
}

}  // namespace tenbin
