// SPDX-License-Identifier: Apache-2.0
#include "data/transforms/fragment_builder.h"
#include "data/transforms/transform.h"
#include "data/transforms/vocabulary.h"

namespace tenbin {
namespace {

FittedTransform fit(std::span<const Column* const> columns, const FitScope& scope,
                    const FeatureOptions&) {
  FittedTransform out;
  FragmentBuilder build(scope.prefix);
  std::vector<std::string> parts;
  for (const Column* column : columns) {
    const std::string raw = build.input(column->name, ElementType::kString, {-1, 1});
    std::vector<std::string> keys;
    std::vector<float> ranks;
    for (const CountedValue& counted : vocabulary_of(*column, scope)) {
      ranks.push_back(static_cast<float>(keys.size()));
      keys.push_back(counted.value);
    }
    if (keys.empty()) {
      keys.emplace_back("");
      ranks.push_back(0);
    }
    parts.push_back(build.call("LabelEncoder", {raw},
                               {{"keys_strings", std::move(keys)},
                                {"values_floats", std::move(ranks)},
                                {"default_float", -1.0f}},
                               "ai.onnx.ml"));
    out.feature_names.push_back(column->name);
  }
  out.feature_shape = {static_cast<std::int64_t>(columns.size())};
  out.what = "numbered by training frequency, most frequent 0; unseen values give -1";
  out.fragment = build.done(build.concat(parts));
  return out;
}

int suits(const ColumnSummary& column, const FeatureOptions& options, std::string& why) {
  if (column.column->type != ColumnType::kCategory) return 0;
  if (options.categories == CategoryCode::kOrdinal) {
    why = "categories, as asked";
    return 40;
  }
  if (options.learner != Learner::kTrees) return 0;
  why = "categories with many values, for trees";
  return 15;
}

}  // namespace

const TransformEntry& transform_ordinal() {
  static const TransformEntry entry{"ordinal", "Values of a category as numbers, by frequency.",
                                    suits, fit};
  return entry;
}

}  // namespace tenbin
