// SPDX-License-Identifier: Apache-2.0
#include "app/fit/answers.h"

#include <algorithm>
#include <cmath>

#include "engine/score.h"

namespace tenbin {

Answers answers_of(const Target& target, std::span<const std::int64_t> rows,
                   const TargetScale& scale) {
  Answers a;
  for (const std::int64_t row : rows) {
    const auto i = static_cast<std::size_t>(row);
    if (target.classifies())
      a.labels.push_back(target.labels[i]);
    else
      a.values.push_back((target.values[i] - scale.offset) / scale.scale);
  }
  return a;
}

TargetScale scale_of(const Target& target, std::span<const std::int64_t> rows) {
  TargetScale scale;
  if (target.classifies()) return scale;
  double sum = 0, squares = 0;
  for (const std::int64_t row : rows)
    sum += static_cast<double>(target.values[static_cast<std::size_t>(row)]);
  const double mean = sum / static_cast<double>(rows.size());
  for (const std::int64_t row : rows) {
    const double d = static_cast<double>(target.values[static_cast<std::size_t>(row)]) - mean;
    squares += d * d;
  }
  scale.offset = static_cast<float>(mean);
  scale.scale = static_cast<float>(std::sqrt(squares / static_cast<double>(rows.size())));
  if (!(scale.scale > 0)) scale.scale = 1;
  return scale;
}

std::string score_name_of(const Target& target) {
  if (!target.classifies()) return "r2";
  return target.classes() == 2 ? "auroc" : "accuracy";
}

std::function<double(std::span<const float>, std::int64_t)> scorer(const Target& target,
                                                                   const Answers& valid) {
  const std::int64_t classes = target.classes();
  if (!target.classifies()) {
    return [&valid](std::span<const float> p, std::int64_t) {
      double error = 0, mean = 0, spread = 0;
      for (const float v : valid.values) mean += static_cast<double>(v);
      mean /= static_cast<double>(valid.values.size());
      for (std::size_t i = 0; i < p.size(); ++i) {
        const auto y = static_cast<double>(valid.values[i]);
        error += (static_cast<double>(p[i]) - y) * (static_cast<double>(p[i]) - y);
        spread += (y - mean) * (y - mean);
      }
      return spread > 0 ? 1 - error / spread : -error;
    };
  }
  return [&valid, classes](std::span<const float> p, std::int64_t rows) {
    if (classes == 2) {
      std::vector<float> positive;
      std::vector<std::uint8_t> is_positive;
      for (std::int64_t i = 0; i < rows; ++i) {
        positive.push_back(p[static_cast<std::size_t>(2 * i + 1)]);
        is_positive.push_back(valid.labels[static_cast<std::size_t>(i)] == 1 ? 1 : 0);
      }
      if (const auto area = auroc(positive, is_positive)) return *area;
    }
    const auto best = arg_max_rows(p, classes);
    double hits = 0;
    for (std::size_t i = 0; i < best.size(); ++i) hits += best[i] == valid.labels[i] ? 1 : 0;
    return hits / static_cast<double>(rows);
  };
}

double mean_loss(std::span<const float> predictions, const Answers& answers, std::int64_t width) {
  double sum = 0;
  const std::size_t rows = predictions.size() / static_cast<std::size_t>(width);
  for (std::size_t i = 0; i < rows; ++i) {
    if (answers.labels.empty()) {
      const double error =
          static_cast<double>(predictions[i]) - static_cast<double>(answers.values[i]);
      sum += error * error;
    } else {
      const std::size_t at = i * static_cast<std::size_t>(width);
      const float p = predictions[at + static_cast<std::size_t>(answers.labels[i])];
      sum -= std::log(std::max(static_cast<double>(p), 1e-7));
    }
  }
  return rows == 0 ? 0 : sum / static_cast<double>(rows);
}

}  // namespace tenbin
