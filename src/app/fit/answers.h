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

// Of a regression: mean and deviation of the rows, so that training sees numbers around 0.
TargetScale scale_of(const Target& target, std::span<const std::int64_t> rows);

// The score that validation compares: "r2", "auroc" (two classes) or "accuracy".
std::string score_name_of(const Target& target);
// That score of predictions [rows, outputs]; higher is better. Borrows `valid`.
std::function<double(std::span<const float>, std::int64_t)> scorer(const Target& target,
                                                                   const Answers& valid);

}  // namespace tenbin
