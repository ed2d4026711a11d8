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
    std::vector<std::string> values;
    for (const CountedValue& counted : vocabulary_of(*column, scope)) {
      values.push_back(counted.value);
      out.feature_names.push_back(column->name +
                                  (counted.value.empty() ? " is missing" : "=" + counted.value));
    }
    if (values.empty()) {  // no training rows: one feature that stays 0
      values.emplace_back("");
      out.feature_names.push_back(column->name + " is missing");
    }
    const auto width = static_cast<std::int64_t>(values.size());
    // zeros: a value unseen in training gives a row of zeros.
    const std::string hot =
        build.call("OneHotEncoder", {raw},
                   {{"cats_strings", std::move(values)}, {"zeros", std::int64_t{1}}}, "ai.onnx.ml");
    const std::string shape =
        build.constant("shape", Tensor::of<std::int64_t>({2}, {std::int64_t{-1}, width}));
    parts.push_back(build.call("Reshape", {hot, shape}));
  }
  out.feature_shape = {static_cast<std::int64_t>(out.feature_names.size())};
  out.what = "a feature for each value seen in training; unseen values give zeros";
  out.fragment = build.done(build.concat(parts));
  return out;
}

int suits(const ColumnSummary& column, const FeatureOptions& options, std::string& why) {
  if (column.column->type != ColumnType::kCategory) return 0;
  if (options.categories == CategoryCode::kOneHot) {
    why = "categories, as asked";
    return 40;
  }
  if (column.distinct > options.max_one_hot) return 0;
  why = "categories with at most " + std::to_string(options.max_one_hot) + " values";
  return 20;
}

}  // namespace

const TransformEntry& transform_one_hot() {
  static const TransformEntry entry{"one_hot", "One feature for each value of a category.", suits,
                                    fit};
  return entry;
}

}  // namespace tenbin
