// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/transforms/transform.h"

namespace tenbin {
const TransformEntry& transform_boolean();
namespace {

std::vector<std::string> ops_of(const Fragment& fragment) {
  std::vector<std::string> out;
  for (const OpCall& call : fragment.calls) out.push_back(call.op);
  return out;
}

TEST(TransformBoolean, CentresForNetsAndPassesForTrees) {
  Column column;
  column.name = "b";
  column.type = ColumnType::kBoolean;
  column.numbers = {0, 1};
  const std::vector<const Column*> columns = {&column};
  const std::int64_t rows[] = {0, 1};
  FeatureOptions options;
  EXPECT_EQ(ops_of(transform_boolean().fit(columns, {rows, "p/"}, options).fragment),
            (std::vector<std::string>{"IsNaN", "Where", "Sub", "Mul"}));
  options.learner = Learner::kTrees;
  EXPECT_EQ(ops_of(transform_boolean().fit(columns, {rows, "p/"}, options).fragment),
            (std::vector<std::string>{"Identity"}));
}

}  // namespace
}  // namespace tenbin
