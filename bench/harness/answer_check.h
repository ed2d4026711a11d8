// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "base/json.h"

namespace tenbin::bench {

// Whether two engines gave the same answer, in one number.
struct AnswerCheck {
  std::string name;  // "largest difference of outputs, of their rms"
  double value = 0;
  double bound = 0;
  bool passed() const { return value <= bound; }  // false for NaN
  Json json() const;
};

// Outputs of forward passes: the largest |a - b| over the rms of b. Different or no counts: NaN.
AnswerCheck same_outputs(std::span<const double> a, std::span<const double> b, double bound);

// Classes of rows of `classes` outputs each: the share of rows whose largest output differs.
AnswerCheck same_labels(std::span<const double> a, std::span<const double> b, std::size_t classes,
                        double bound);

// Gradients: the root of the sum of squared differences, over that of b.
AnswerCheck same_gradient(std::span<const double> a, std::span<const double> b, double bound);

// Losses of training steps: the largest difference of the running means, relative to b's. A mean
// over the steps so far, because single losses of a chaotic process differ more than learning does.
AnswerCheck same_curve(std::span<const double> a, std::span<const double> b, double bound);

// Sums and counts: the largest relative difference.
AnswerCheck same_sums(std::span<const double> a, std::span<const double> b, double bound);

}  // namespace tenbin::bench
