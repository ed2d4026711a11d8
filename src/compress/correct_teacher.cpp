// SPDX-License-Identifier: Apache-2.0
#include "compress/correct_teacher.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tenbin {
namespace {

std::size_t largest(std::span<const float> row) {
  return static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
}

// The output of each class, or nothing if two classes share one.
std::optional<std::vector<std::size_t>> outputs_of_classes(std::span<const float> logits,
                                                           std::size_t outputs,
                                                           std::span<const std::int64_t> labels) {
  std::vector<std::int64_t> met(outputs * outputs, 0);  // [class, output]
  for (std::size_t row = 0; row < labels.size(); ++row) {
    if (labels[row] < 0) continue;
    const auto label = static_cast<std::size_t>(labels[row]);
    if (label >= outputs) return std::nullopt;
    ++met[label * outputs + largest(logits.subspan(row * outputs, outputs))];
  }
  std::vector<std::size_t> out(outputs);
  std::vector<bool> taken(outputs, false);
  for (std::size_t label = 0; label < outputs; ++label) {
    const auto row = std::span(met).subspan(label * outputs, outputs);
    const auto most = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
    if (row[most] == 0 || taken[most]) return std::nullopt;
    taken[most] = true;
    out[label] = most;
  }
  return out;
}

}  // namespace

std::optional<std::int64_t> correct_teacher(std::span<float> logits, std::int64_t outputs,
                                            std::span<const std::int64_t> labels) {
  const auto width = static_cast<std::size_t>(outputs);
  if (outputs < 2 || logits.size() != labels.size() * width) return std::nullopt;
  const auto output_of = outputs_of_classes(logits, width, labels);
  if (!output_of) return std::nullopt;
  std::int64_t wrong = 0;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    if (labels[row] < 0) continue;
    const auto answers = logits.subspan(row * width, width);
    const std::size_t said = largest(answers);
    const std::size_t true_one = (*output_of)[static_cast<std::size_t>(labels[row])];
    if (said == true_one) continue;
    std::swap(answers[said], answers[true_one]);
    ++wrong;
  }
  return wrong;
}

}  // namespace tenbin
