// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "data/transforms/transform.h"
#include "tensor/op_call.h"
#include "tensor/tensor.h"

namespace tenbin {

struct PixelScale;  // data/streams/streams.h

// What was done to a group of columns, and why.
struct FeatureStep {
  std::string transform;  // entry of the catalogue
  std::vector<std::string> columns;
  std::int64_t width = 0;  // features it gives
  std::string what, why;
};

// The fitted preprocessing of a table: raw columns in, one float tensor out. Executed by the engine
// in training and serving alike (docs/adr/0004), so there is one truth.
struct FeaturePlan {
  Fragment fragment;                       // inputs: the columns used, in the table's order
  std::string output;                      // name of the one output, [-1, ...feature_shape]
  Shape feature_shape;                     // [F], or [channels, height, width]
  std::vector<std::string> feature_names;  // F, or one a channel
  std::vector<FeatureStep> steps;
  std::vector<std::string> unused;  // kept columns that give no feature, with the reason
  std::int64_t min_opset = 17;      // of ai.onnx that the fragment needs (text: 20)

  std::int64_t width() const { return count_of(feature_shape); }
  std::vector<std::string> lines() const;  // a line a step, for people
  Json to_json() const;
};

// Fits every transform to `train` rows of the `kept` columns. A table with an image column learns
// from its first image column alone. Errors: kEmptyData (no rows, no usable column), kTooLarge
// (more than kColumns inputs), kUnknownColumn, and that of `options.may_go_on`.
Result<FeaturePlan> fit_features(const Table& table, const std::vector<std::string>& kept,
                                 std::span<const std::int64_t> train,
                                 const FeatureOptions& options = {});

// The normalisation that an image plan's fragment applies, for image_stream(); nothing for tables.
std::optional<PixelScale> pixel_scale(const FeaturePlan& plan);

// The rows [begin, end) of the columns that `inputs` name, as tensors in that order: float32 [n, 1]
// with NaN for missing, int64 [n, 1] seconds with INT64_MIN for missing, string [n, 1] with "" for
// missing (white space inside becomes blanks, so that every runtime splits words alike), uint8
// [n, height, width, channels]. Columns may stand in any order and more may be present.
// Errors: kInputMismatch lists all missing columns, or names a value that cannot be converted.
Result<std::vector<Tensor>> column_tensors(const Table& table, std::span<const ValueInfo> inputs,
                                           std::int64_t begin, std::int64_t end);
// The same for rows picked by number, in the order given.
Result<std::vector<Tensor>> column_tensors(const Table& table, std::span<const ValueInfo> inputs,
                                           std::span<const std::int64_t> rows);

}  // namespace tenbin
