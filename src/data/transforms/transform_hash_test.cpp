// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/transforms/transform.h"

namespace tenbin {
const TransformEntry& transform_hash();
namespace {

Column category(std::vector<std::int32_t> codes, std::vector<std::string> dictionary) {
  Column column;
  column.name = "c";
  column.type = ColumnType::kCategory;
  column.codes = std::move(codes);
  column.dictionary = std::move(dictionary);
  return column;
}

TEST(TransformHash, SingleAndUnseenValuesShareABucket) {
  const Column column = category({0, 0, 1, 1, 2}, {"x", "y", "once"});
  const std::vector<const Column*> columns = {&column};
  const std::int64_t rows[] = {0, 1, 2, 3, 4};
  FeatureOptions options;
  options.hash_buckets = 8;
  const FittedTransform fitted = transform_hash().fit(columns, {rows, "p/"}, options);
  const OpCall& call = fitted.fragment.calls[0];
  EXPECT_EQ(call.texts("keys_strings"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(call.integer("default_int64", 0), 8);
  for (const std::int64_t bucket : call.integers("values_int64s")) {
    EXPECT_GE(bucket, 0);
    EXPECT_LT(bucket, 8);
  }
  EXPECT_EQ(fitted.feature_shape, Shape{9});
}

}  // namespace
}  // namespace tenbin
