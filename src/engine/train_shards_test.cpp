// SPDX-License-Identifier: Apache-2.0
// A batch cut into shards for several threads is the same batch.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/train_case.h"
#include "graph/nets/nets.h"

namespace tenbin {
namespace {

Graph small_cnn(bool batch_norm, float dropout) {
  CnnShape net;
  net.stages = {{8, 1}, {16, 1}};
  net.dense = {12};
  net.batch_norm = batch_norm;
  net.dense_dropout = dropout;
  return make_cnn(1, 12, 12, 4, net, 3).value();
}

Graph trained(const Graph& graph, const TrainCase& data, const TrainOptions& options,
              std::initializer_list<std::int64_t> batches) {
  auto plan = TrainPlan::compile(graph, 64, options);
  EXPECT_TRUE(plan.ok());
  for (const std::int64_t rows : batches) {
    EXPECT_TRUE(std::isfinite((*plan)->step(data.first(rows), options.learning_rate)));
  }
  return (*plan)->export_graph();
}

TEST(Shards, MoveTheWeightsAsOneBatchDoes) {
  const Graph shape = small_cnn(false, 0);
  const TrainCase data = random_case(shape, 64, 4, 5);
  const Graph graph = small_cnn(false, 0);
  TrainOptions one;
  one.optimizer = OptimizerKind::kSgd;
  one.learning_rate = 0.05;
  TrainOptions weighted = one;
  weighted.class_weights = {1, 3, 0.5F, 2};
  TrainOptions clipped = one;
  clipped.clip_norm = 0.1;
  const struct {
    const char* why;
    TrainOptions options;
    std::initializer_list<std::int64_t> batches;
  } rows[] = {{"full batches", one, {64, 64, 64}},
              {"a last shard without rows", one, {64, 40, 64}},
              {"a single row", one, {1}},
              {"shards of unequal class weight", weighted, {64, 50}},
              {"one norm over all shards", clipped, {64, 64}}};
  for (const auto& row : rows) {
    TrainOptions two = row.options;
    two.threads = 2;
    const Graph alone = trained(graph, data, row.options, row.batches);
    const Graph shared = trained(graph, data, two, row.batches);
    EXPECT_GT(largest_difference(graph, alone), 1e-4) << row.why << ": nothing was learnt";
    EXPECT_LT(largest_difference(alone, shared), 2e-6) << row.why;
  }
}

TEST(Shards, GiveTheSameBitsEveryTime) {
  const Graph shape = small_cnn(false, 0);
  const TrainCase data = random_case(shape, 64, 4, 5);
  TrainOptions options;
  options.threads = 2;
  const Graph graph = small_cnn(true, 0.3F);
  const Graph once = trained(graph, data, options, {64, 64, 24, 64, 64});
  for (int i = 0; i < 5; ++i) {
    const Graph again = trained(graph, data, options, {64, 64, 24, 64, 64});
    EXPECT_EQ(largest_difference(once, again), 0) << "repetition " << i;
  }
}

TEST(Shards, PredictRowsInTheirOrder) {
  const Graph shape = small_cnn(false, 0);
  const TrainCase data = random_case(shape, 64, 4, 5);
  const Graph graph = small_cnn(true, 0);
  TrainOptions options;
  const auto single = TrainPlan::compile(graph, 64, options);
  options.threads = 2;
  const auto shared = TrainPlan::compile(graph, 64, options);
  ASSERT_TRUE(single.ok() && shared.ok());
  for (const std::int64_t rows : {64, 33, 1}) {
    std::vector<float> a(static_cast<std::size_t>(rows * 4)), b = a;
    ASSERT_TRUE((*single)->predict(data.first(rows), a).ok());
    ASSERT_TRUE((*shared)->predict(data.first(rows), b).ok());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-5) << rows << " rows";
  }
}

}  // namespace
}  // namespace tenbin
