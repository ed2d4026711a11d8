// SPDX-License-Identifier: Apache-2.0
#include "compress/qat.h"

#include "compress/insert_grids.h"
#include "compress/trained_case.h"
#include "engine/inference_plan.h"
#include "graph/learned.h"

namespace tenbin {
namespace {

TEST(Qat, UntrainedItIsWhatInsertGridsWrites) {
  for (const TrainedCase& net : {trained_cnn(), trained_mlp()}) {
    const Ranges ranges = calibrate(net.graph, grid_values(net.graph), net.rows).value();
    const Graph training = fake_quantised(net.graph, ranges).value();
    EXPECT_EQ(find_learned(training).weights, find_learned(net.graph).weights);
    const auto stored = to_grids(training);
    ASSERT_TRUE(stored.ok()) << stored.error().to_string();
    const Graph wanted = insert_grids(net.graph, ranges).value();
    EXPECT_EQ(logits_of(*stored, net.rows), logits_of(wanted, net.rows));
    EXPECT_EQ(stored->nodes.size(), wanted.nodes.size());
    expect_runtime_agrees(*stored, net.rows, 6);
  }
}

double loss_of_labels(const std::vector<float>& logits, const std::vector<std::int64_t>& labels) {
  const std::size_t classes = logits.size() / labels.size();
  double loss = 0;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    double sum = 0;
    for (std::size_t c = 0; c < classes; ++c) {
      sum += std::exp(static_cast<double>(logits[r * classes + c]));
    }
    const auto label = static_cast<std::size_t>(labels[r]);
    loss += std::log(sum) - static_cast<double>(logits[r * classes + label]);
  }
  return loss / static_cast<double>(labels.size());
}

// Grids so coarse that rounding costs: training goes on through them and wins it back.
TEST(Qat, TrainingWinsBackWhatGridsCost) {
  for (const TrainedCase& net : {trained_cnn(), trained_mlp()}) {
    Ranges ranges = calibrate(net.graph, grid_values(net.graph), net.rows).value();
    for (auto& [value, range] : ranges) {
      range.least *= 100;  // few of the steps are in use
      range.most *= 100;
    }
    const Graph plain = insert_grids(net.graph, ranges).value();
    const Graph training = fake_quantised(net.graph, ranges).value();
    const Graph trained = train_on(training, net, 80, 5e-4);
    const auto stored = to_grids(trained);
    ASSERT_TRUE(stored.ok()) << stored.error().to_string();
    const double before = loss_of_labels(logits_of(plain, net.rows), net.labels);
    const double after = loss_of_labels(logits_of(*stored, net.rows), net.labels);
    // As many more steps without grids, and then on them.
    const Graph longer = insert_grids(train_on(net.graph, net, 80, 5e-4), ranges).value();
    const double other = loss_of_labels(logits_of(longer, net.rows), net.labels);
    EXPECT_LT(after, 0.9 * before);
    EXPECT_LT(after, 0.9 * other);
    expect_runtime_agrees(*stored, net.rows, 6);
  }
}

TEST(Qat, WhatLeavesTrainingAnswersAsItWasTrained) {
  const TrainedCase net = trained_cnn();
  const Ranges ranges = calibrate(net.graph, grid_values(net.graph), net.rows).value();
  const Graph trained = train_on(fake_quantised(net.graph, ranges).value(), net, 30, 5e-4);
  const Graph stored = to_grids(trained).value();
  TrainOptions options;
  options.loss = Loss::kMeanSquaredError;  // whose predictions are the network's own
  const auto plan = TrainPlan::compile(trained, 32, options).value();
  const auto width = static_cast<std::size_t>(net.rows.count() / 256);
  Batch batch;
  batch.rows = 32;
  batch.features = net.rows.data<float>().first(32 * width);
  std::vector<float> scored(32 * 6);
  ASSERT_TRUE(plan->predict(batch, scored).ok());
  auto found = logits_of(stored, net.rows);
  found.resize(scored.size());
  EXPECT_LT(relative_error(scored, found), 1e-5);
  if (!has_exact_int8()) return;
  const auto compiled = InferencePlan::compile(stored, 1, 1).value();
  EXPECT_EQ(
      std::ranges::count_if(compiled->kernels(),
                            [](const std::string& name) { return name.starts_with("conv_int8"); }),
      2);
}

TEST(Qat, LeavesLayersInFloatsAndRefusesANetworkWithoutGrids) {
  const TrainedCase net = trained_cnn();
  const std::string first = net.graph.nodes.front().name;
  Ranges ranges = calibrate(net.graph, grid_values(net.graph, {first}), net.rows).value();
  const Graph training = fake_quantised(net.graph, ranges, {first}).value();
  EXPECT_EQ(training.nodes.front().inputs[0], "x");
  EXPECT_TRUE(to_grids(training).ok());
  const auto refused = to_grids(net.graph);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kBadModel);
}

}  // namespace
}  // namespace tenbin
