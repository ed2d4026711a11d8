// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/elementwise.h"

// What the ai.onnx.ml operators share: rows of features, scores, labels.
namespace tenbin {

// A [rows, columns] view of numbers as floats; a vector is one row.
struct FeatureRows {
  std::int64_t rows = 0, columns = 0;
  std::span<const float> values;
  std::span<const float> row(std::int64_t i) const {
    return values.subspan(static_cast<std::size_t>(i * columns), static_cast<std::size_t>(columns));
  }
};
// `room` keeps the floats when `in` holds other numbers. Error kUnsupportedOp: no float32, float64,
// int64 or int32.
Result<FeatureRows> feature_rows(const OpCall& call, const Tensor& in, Tensor& room);

// The attribute post_transform.
enum class PostTransform : std::uint8_t { kNone, kLogistic, kSoftmax, kSoftmaxZero, kProbit };
Result<PostTransform> post_transform_of(const OpCall& call);
// Turns the scores of one row.
void transform_scores(PostTransform post, std::span<float> row);
float logistic(float x);

// The names of classes: texts, or integers.
struct ClassLabels {
  std::vector<std::string> texts;
  std::vector<std::int64_t> integers;
  std::size_t size() const { return texts.empty() ? integers.size() : texts.size(); }
  // The label of each row, by its class number.
  Tensor pick(std::span<const std::size_t> classes) const;
};

}  // namespace tenbin
