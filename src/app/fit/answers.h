// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "app/fit/export_model.h"
#include "data/streams/streams.h"
#include "data/target.h"
#include "tensor/tensor.h"

namespace tenbin {

// Targets of some rows, as the streams want them.
struct Answers {
  std::vector<std::int64_t> labels;
  std::vector<float> values;
  RowTargets targets() const {
    RowTargets t;
    t.labels = labels;
    t.values = values;
    return t;
  }
};
Answers answers_of(const Target& target, std::span<const std::int64_t> rows,
                   const TargetScale& scale);

// A part of the rows for one training: features [rows, width] and what is to be learned.
struct RowSet {
  Tensor features;
  Answers answers;
};

// Of a regression: mean and deviation of the rows, so that training sees numbers around 0.
TargetScale scale_of(const Target& target, std::span<const std::int64_t> rows);

// The score that validation compares: "r2", "auroc" (two classes) or "accuracy".
std::string score_name_of(const Target& target);
// That score of predictions [rows, outputs]; higher is better. Borrows `valid`.
std::function<double(std::span<const float>, std::int64_t)> scorer(const Target& target,
                                                                   const Answers& valid);

// What decides between models whose scores tell them apart no more: mean log loss of probabilities
// [rows, width], or mean squared error of values [rows, 1]; lower is better. A probability counts
// as at least 1e-7.
double mean_loss(std::span<const float> predictions, const Answers& answers, std::int64_t width);

}  // namespace tenbin
