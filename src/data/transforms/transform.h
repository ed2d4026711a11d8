// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/options.h"
#include "base/stop_question.h"
#include "data/table.h"
#include "tensor/op_call.h"

namespace tenbin {

// For whom features are made: a net wants small centred numbers without gaps; trees want the raw
// order and treat NaN as missing.
enum class Learner { kNet, kTrees };

// How categories become numbers; kAuto: a feature for each value, hashed where there are many.
enum class CategoryCode { kAuto, kOneHot, kOrdinal, kHash };
template <> struct OptionText<CategoryCode> {
  static constexpr const char* kType = "code";
  static std::string print(CategoryCode code);
  static Result<CategoryCode> parse(std::string_view text);
};

struct FeatureOptions {
  Learner learner = Learner::kNet;
  CategoryCode categories = CategoryCode::kAuto;
  int max_one_hot = 32;
  int hash_buckets = 64;
  int max_ngrams = 4096;
  int min_documents = 2;
  bool robust_scale = false;
  StopQuestion may_go_on;  // asked for each column and transform

  template <class Fields> static void describe(Fields& f) {
    f("categories", &FeatureOptions::categories,
      "How categories become numbers: auto (by their values), one-hot, ordinal (numbered by "
      "frequency), hash.");
    f("max_one_hot", &FeatureOptions::max_one_hot,
      "Most values of a category that get a feature each [1..1024].");
    f("hash_buckets", &FeatureOptions::hash_buckets,
      "Features that a category with more values is hashed into [2..4096].");
    f("max_ngrams", &FeatureOptions::max_ngrams,
      "Most words and word pairs kept of a text column [1..100000].");
    f("min_documents", &FeatureOptions::min_documents,
      "Rows in which a word or pair must occur to be kept [1..1000].");
    f("robust_scale", &FeatureOptions::robust_scale,
      "Scale numbers by median and quartiles instead of mean and deviation.");
  }
};

// What a transform needs to know of a column to say whether it suits; of training rows alone.
struct ColumnSummary {
  const Column* column = nullptr;
  std::int64_t rows = 0, missing = 0;
  std::int64_t distinct = 0;  // kCategory only
};

// Where a fitted transform takes its names from, so that no two fragments clash.
struct FitScope {
  std::span<const std::int64_t> rows;  // training rows, the only ones that may be looked at
  std::string prefix;                  // of every value and constant the transform makes
};

// A transform with everything it learned from the training rows. `fragment` has one input a column
// (name of the column; [-1, 1] float32, int64 or string, or [-1, height, width, channels] uint8)
// and one float output, [-1, width] or [-1, channels, height, width] for images.
struct FittedTransform {
  Fragment fragment;
  Shape feature_shape;                     // of one row: [width], or [channels, height, width]
  std::vector<std::string> feature_names;  // one a feature; for images one a channel
  std::string what;                        // what was done, for people
};

// The file of one transform in data/transforms/.
struct TransformEntry {
  std::string_view name;
  std::string_view doc;  // one line
  // How well it suits a column, 0: not at all; the highest wins. `why` says so in words.
  int (*suits)(const ColumnSummary& column, const FeatureOptions& options, std::string& why);
  // Fits it to all the columns it won, in order, as one fragment. Cannot fail: a column without a
  // present value gives zeros. Values unseen in training are never an error.
  FittedTransform (*fit)(std::span<const Column* const> columns, const FitScope& scope,
                         const FeatureOptions& options);
};

// All transforms of data/transforms/ (written by the build).
std::span<const TransformEntry* const> transform_catalogue();

}  // namespace tenbin
