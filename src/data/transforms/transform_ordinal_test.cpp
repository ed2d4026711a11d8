// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/transforms/transform.h"

namespace tenbin {
const TransformEntry& transform_ordinal();
namespace {

Column category(std::vector<std::int32_t> codes, std::vector<std::string> dictionary) {
  Column column;
  column.name = "c";
  column.type = ColumnType::kCategory;
  column.codes = std::move(codes);
  column.dictionary = std::move(dictionary);
  return column;
}

TEST(TransformOrdinal, NumbersByFrequency) {
  const Column column = category({1, 1, 0, 0, 0, 2}, {"x", "y", "z"});
  const std::vector<const Column*> columns = {&column};
  const std::int64_t rows[] = {0, 1, 2, 3, 4};
  const FittedTransform fitted = transform_ordinal().fit(columns, {rows, "p/"}, {});
  const OpCall& call = fitted.fragment.calls[0];
  EXPECT_EQ(call.texts("keys_strings"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(call.numbers("values_floats"), (std::vector<float>{0, 1}));
  EXPECT_EQ(call.number("default_float", 0), -1) << "unseen values have a number of their own";
}

}  // namespace
}  // namespace tenbin
