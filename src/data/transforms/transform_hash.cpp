// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "data/transforms/fragment_builder.h"
#include "data/transforms/transform.h"
#include "data/transforms/vocabulary.h"

namespace tenbin {
namespace {

FittedTransform fit(std::span<const Column* const> columns, const FitScope& scope,
                    const FeatureOptions& options) {
  FittedTransform out;
  FragmentBuilder build(scope.prefix);
  std::vector<std::string> parts;
  const std::int64_t buckets = std::max(options.hash_buckets, 2);
  std::vector<std::int64_t> all(static_cast<std::size_t>(buckets) + 1);
  std::iota(all.begin(), all.end(), std::int64_t{0});
  for (const Column* column : columns) {
    const std::string raw = build.input(column->name, ElementType::kString, {-1, 1});
    std::vector<std::string> keys;
    std::vector<std::int64_t> bucket;
    for (const CountedValue& counted : vocabulary_of(*column, scope)) {
      // Values seen once train the bucket of unseen values, which would else stay untrained.
      if (counted.count < 2 || counted.value.empty()) continue;
      keys.push_back(counted.value);
      bucket.push_back(static_cast<std::int64_t>(text_hash(counted.value) %
                                                 static_cast<std::uint64_t>(buckets)));
    }
    if (keys.empty()) {
      keys.emplace_back("");
      bucket.push_back(buckets);
    }
    const std::string index = build.call("LabelEncoder", {raw},
                                         {{"keys_strings", std::move(keys)},
                                          {"values_int64s", std::move(bucket)},
                                          {"default_int64", buckets}},
                                         "ai.onnx.ml");
    const std::string hot = build.call(
        "OneHotEncoder", {index}, {{"cats_int64s", all}, {"zeros", std::int64_t{1}}}, "ai.onnx.ml");
    const std::string shape =
        build.constant("shape", Tensor::of<std::int64_t>({2}, {std::int64_t{-1}, buckets + 1}));
    parts.push_back(build.call("Reshape", {hot, shape}));
    for (std::int64_t b = 0; b < buckets; ++b) {
      out.feature_names.push_back(column->name + " hash " + std::to_string(b));
    }
    out.feature_names.push_back(column->name + " rare");
  }
  out.feature_shape = {static_cast<std::int64_t>(out.feature_names.size())};
  out.what = "hashed into " + std::to_string(buckets) +
             " features; missing, unseen and single values share one more";
  out.fragment = build.done(build.concat(parts));
  return out;
}

int suits(const ColumnSummary& column, const FeatureOptions& options, std::string& why) {
  if (column.column->type != ColumnType::kCategory) return 0;
  if (options.categories == CategoryCode::kHash) {
    why = "categories, as asked";
    return 40;
  }
  why = "categories with more than " + std::to_string(options.max_one_hot) + " values";
  return 5;
}

}  // namespace

const TransformEntry& transform_hash() {
  static const TransformEntry entry{"hash", "Many values of a category in few features.", suits,
                                    fit};
  return entry;
}

}  // namespace tenbin
