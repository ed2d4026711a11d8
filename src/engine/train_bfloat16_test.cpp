// SPDX-License-Identifier: Apache-2.0
// Training in bfloat16 against training in float32.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/train_case.h"
#include "graph/nets/nets.h"

namespace tenbin {
namespace {

Graph cnn(bool batch_norm, float dropout, std::vector<CnnStage> stages) {
  CnnShape shape;
  shape.stages = std::move(stages);
  shape.dense = {24};
  shape.batch_norm = batch_norm;
  shape.dense_dropout = dropout;
  return make_cnn(1, 12, 12, 4, shape, 3).value();
}

Graph after_steps(const Graph& graph, const TrainCase& data, TrainOptions options, double rate,
                  int steps, double* loss) {
  auto plan = TrainPlan::compile(graph, data.rows, options);
  EXPECT_TRUE(plan.ok()) << plan.error().to_string();
  for (int i = 0; i < steps; ++i) *loss = (*plan)->step(data.batch(), rate);
  return (*plan)->export_graph();
}

TEST(Bfloat16, IsRefusedWithoutTheArithmetic) {
  if (has_native_bfloat16()) GTEST_SKIP() << "this processor has it";
  TrainOptions options;
  options.precision = Precision::kBfloat16;
  const auto plan = TrainPlan::compile(make_mlp(4, {8}, 2, 1).value(), 8, options);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code(), ErrorCode::kUnsupportedOp);
}

TEST(Bfloat16, IsAskedForByName) {
  const struct {
    const char* text;
    std::optional<Precision> precision;
  } rows[] = {{"float32", Precision::kFloat32},
              {"bfloat16", Precision::kBfloat16},
              {"bf16", std::nullopt},
              {"", std::nullopt}};
  for (const auto& row : rows) {
    const auto parsed = OptionText<Precision>::parse(row.text);
    ASSERT_EQ(parsed.ok(), row.precision.has_value()) << row.text;
    if (!parsed.ok()) continue;
    EXPECT_EQ(*parsed, *row.precision);
    EXPECT_EQ(OptionText<Precision>::print(*parsed), row.text);
  }
}

// One step of plain descent from the same weights: what the weights lose is the gradient. A
// bfloat16 has 8 bits, so each product is off by up to 0.4 %; and a few ReLUs near zero switch.
TEST(Bfloat16, GradientsAreThoseOfFloat32Rounded) {
  if (!has_native_bfloat16()) GTEST_SKIP() << "this processor has no bfloat16 arithmetic";
  const struct {
    const char* why;
    Graph graph;
    double tolerance;
  } rows[] = {
      {"dense layers", make_mlp(20, {64, 64}, 4, 1).value(), 0.10},
      {"first stage and second", cnn(false, 0, {{16, 1}, {32, 1}}), 0.10},
      {"channels that fill no block", cnn(false, 0, {{6, 1}, {10, 1}}), 0.10},
      {"dropout, in floats between", cnn(false, 0.3F, {{16, 1}, {32, 1}}), 0.10},
      // Statistics of small batches amplify the rounding.
      {"normalised, two a stage", cnn(true, 0, {{16, 2}, {16, 1}}), 0.25},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const TrainCase data = random_case(row.graph, 32, 4);
    TrainOptions options;
    options.optimizer = OptimizerKind::kSgd;
    options.momentum = options.weight_decay = 0;
    double loss = 0, half_loss = 0;
    const Graph exact = after_steps(row.graph, data, options, 1, 1, &loss);
    options.precision = Precision::kBfloat16;
    const Graph rounded = after_steps(row.graph, data, options, 1, 1, &half_loss);
    EXPECT_NEAR(half_loss, loss, 0.02 * loss);
    EXPECT_GT(largest_difference(exact, rounded), 0) << "the precision changed nothing";
    for (const auto& [name, before] : row.graph.initializers) {
      const auto b = before.data<float>(), x = exact.initializers.at(name).data<float>(),
                 y = rounded.initializers.at(name).data<float>();
      double error = 0, size = 0;
      for (std::size_t i = 0; i < b.size(); ++i) {
        error += std::pow(static_cast<double>(x[i]) - static_cast<double>(y[i]), 2);
        size += std::pow(static_cast<double>(x[i]) - static_cast<double>(b[i]), 2);
      }
      if (size < 1e-12) continue;  // such as a bias before a norm
      EXPECT_LT(std::sqrt(error / size), row.tolerance) << name;
    }
  }
}

TEST(Bfloat16, LearnsAsFarAsFloat32) {
  if (!has_native_bfloat16()) GTEST_SKIP() << "this processor has no bfloat16 arithmetic";
  const Graph graph = cnn(false, 0, {{16, 1}, {32, 1}});
  const TrainCase data = random_case(graph, 64, 4);
  TrainOptions options;
  options.optimizer = OptimizerKind::kAdamW;
  double loss = 0, half_loss = 0, first = 0;
  after_steps(graph, data, options, 1e-3, 1, &first);
  after_steps(graph, data, options, 1e-3, 60, &loss);
  options.precision = Precision::kBfloat16;
  after_steps(graph, data, options, 1e-3, 60, &half_loss);
  EXPECT_LT(loss, 0.5 * first) << "noise is learnt by heart";
  EXPECT_NEAR(half_loss, loss, 0.05 * first);
}

}  // namespace
}  // namespace tenbin
