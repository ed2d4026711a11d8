// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"

namespace tenbin {

// A score with its 95 % interval over the rows it was computed on.
struct Score {
  std::string name;  // "accuracy", "auroc", "f1_macro", "log_loss", "rmse", "mae", "r2"
  double value = 0;
  std::optional<double> lo, hi;
  std::string interval;  // how: "wilson", "delong", "bootstrap"
  bool higher_is_better = true;
};
Json to_json(const Score& score);

// Scores of class probabilities [rows, classes], row-major, against class indices [rows].
// Two classes: auroc first, then accuracy, f1, log_loss; more: accuracy first, then auroc (mean of
// one class against the rest), f1_macro, log_loss. Empty for no rows.
// Sources: Wilson 1927; DeLong et al. 1988 in the fast form of Sun and Xu 2014.
std::vector<Score> classification_scores(std::span<const float> probabilities,
                                         std::span<const std::int64_t> labels,
                                         std::int64_t classes);

// Scores of predictions [rows] against targets [rows]: r2 first, then rmse, mae. Intervals by
// percentile bootstrap, 1,000 resamples with a fixed seed.
std::vector<Score> regression_scores(std::span<const float> predictions,
                                     std::span<const float> targets);

// The index of the largest of each row, ties to the lowest.
std::vector<std::int64_t> arg_max_rows(std::span<const float> values, std::int64_t width);

// counts[actual * classes + predicted].
std::vector<std::int64_t> confusion_matrix(std::span<const std::int64_t> predicted,
                                           std::span<const std::int64_t> actual,
                                           std::int64_t classes);

// Area under the ROC curve of scores for rows that are positive or not; 0.5 for ties. Nothing if
// one class is absent.
std::optional<double> auroc(std::span<const float> scores, std::span<const std::uint8_t> positive);

}  // namespace tenbin
