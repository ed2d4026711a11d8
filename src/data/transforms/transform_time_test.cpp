// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include "data/transforms/transform.h"

namespace tenbin {
const TransformEntry& transform_time();
namespace {

TEST(TransformTime, FeaturesForNetsAndTrees) {
  Column column;
  column.name = "at";
  column.type = ColumnType::kTime;
  column.times = {0, 86'400 * 400, std::numeric_limits<std::int64_t>::min(), 3'600};
  const std::vector<const Column*> columns = {&column};
  const std::int64_t all[] = {0, 1, 2, 3};
  const std::int64_t days[] = {0, 1};
  FeatureOptions trees;
  trees.learner = Learner::kTrees;
  EXPECT_EQ(
      transform_time().fit(columns, {all, "p/"}, trees).feature_names,
      (std::vector<std::string>{"at instant", "at year", "at month", "at weekday", "at hour"}));
  EXPECT_EQ(transform_time().fit(columns, {days, "p/"}, trees).feature_names.size(), 4u)
      << "midnights alone give no hour";
  const FittedTransform net = transform_time().fit(columns, {all, "p/"}, {});
  EXPECT_EQ(net.feature_names.size(), 9u) << "with a flag for the gap";
  EXPECT_EQ(net.fragment.inputs[0].type, ElementType::kInt64);
}

}  // namespace
}  // namespace tenbin
