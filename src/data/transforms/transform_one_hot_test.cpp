// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/transforms/transform.h"

namespace tenbin {
const TransformEntry& transform_one_hot();
namespace {

std::vector<std::string> ops_of(const Fragment& fragment) {
  std::vector<std::string> out;
  for (const OpCall& call : fragment.calls) out.push_back(call.op);
  return out;
}

Column category(std::vector<std::int32_t> codes, std::vector<std::string> dictionary) {
  Column column;
  column.name = "c";
  column.type = ColumnType::kCategory;
  column.codes = std::move(codes);
  column.dictionary = std::move(dictionary);
  return column;
}

TEST(TransformOneHot, ValuesOfTrainingRowsByFrequency) {
  const Column column = category({1, 1, 0, -1, 2}, {"x", "y", "only in the test"});
  const std::vector<const Column*> columns = {&column};
  const std::int64_t rows[] = {0, 1, 2, 3};
  const FittedTransform fitted = transform_one_hot().fit(columns, {rows, "p/"}, {});
  EXPECT_EQ(ops_of(fitted.fragment), (std::vector<std::string>{"OneHotEncoder", "Reshape"}));
  EXPECT_EQ(fitted.fragment.calls[0].texts("cats_strings"),
            (std::vector<std::string>{"y", "", "x"}));
  EXPECT_EQ(fitted.fragment.calls[0].integer("zeros", 0), 1) << "an unseen value is no error";
  EXPECT_EQ(fitted.feature_names, (std::vector<std::string>{"c=y", "c is missing", "c=x"}));
}

TEST(TransformOneHot, SuitsOnlyFewValues) {
  const Column column = category({}, {});
  std::string why;
  EXPECT_GT(transform_one_hot().suits({&column, 9, 0, 32}, {}, why), 0);
  EXPECT_EQ(transform_one_hot().suits({&column, 9, 0, 33}, {}, why), 0);
}

}  // namespace
}  // namespace tenbin
