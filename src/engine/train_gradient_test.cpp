// SPDX-License-Identifier: Apache-2.0
// Gradients of whole networks against central differences of their own loss.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/train_case.h"
#include "graph/builder.h"
#include "graph/nets/nets.h"

namespace tenbin {
namespace {

double loss_of(const Graph& graph, const TrainCase& data, const TrainOptions& options) {
  auto plan = TrainPlan::compile(graph, data.rows, options);
  EXPECT_TRUE(plan.ok()) << plan.error().to_string();
  return (*plan)->step(data.batch(), 0);
}

// The largest difference between gradient and central difference, relative to the largest gradient
// of the tensor; over a few places of each weight.
void check_gradients(const Graph& graph, const TrainCase& data, TrainOptions options,
                     const std::string& why) {
  options.optimizer = OptimizerKind::kSgd;
  options.momentum = 0;
  options.weight_decay = 0;
  auto plan = TrainPlan::compile(graph, data.rows, options);
  ASSERT_TRUE(plan.ok()) << why << ": " << plan.error().to_string();
  (*plan)->step(data.batch(), 1.0);  // weights fall by their gradient
  const Graph after = (*plan)->export_graph();
  for (const auto& [name, tensor] : graph.initializers) {
    const auto before = tensor.data<float>();
    const auto moved = after.initializers.at(name).data<float>();
    std::vector<double> gradient;
    for (std::size_t i = 0; i < before.size(); ++i) {
      gradient.push_back(static_cast<double>(before[i]) - static_cast<double>(moved[i]));
    }
    const bool statistic = name.find("mean") != std::string::npos ||
                           name.find("var") != std::string::npos ||
                           name.find("ratio") != std::string::npos;
    if (statistic) continue;
    double scale = 1e-3;
    for (const double g : gradient) scale = std::max(scale, std::fabs(g));
    for (std::size_t pick = 0; pick < 4; ++pick) {
      const std::size_t at = pick * (before.size() - 1) / 3;
      constexpr float kStep = 2e-3F;
      Graph up = graph, down = graph;
      up.initializers[name].data<float>()[at] += kStep;
      down.initializers[name].data<float>()[at] -= kStep;
      const double numeric = (loss_of(up, data, options) - loss_of(down, data, options)) /
                             (2 * static_cast<double>(kStep));
      EXPECT_NEAR(gradient[at], numeric, 0.04 * scale) << why << ": " << name << "[" << at << "]";
    }
  }
}

TEST(Gradient, OfNetworksAgreesWithDifferences) {
  CnnShape plain;
  plain.stages = {{8, 1}, {16, 1}};
  plain.dense = {12};
  CnnShape normed = plain;
  normed.batch_norm = true;
  CnnShape deep = normed;
  deep.stages = {{8, 2}, {16, 2}};
  CnnShape wide;
  wide.stages = {{32, 1}, {32, 1}};
  wide.dense = {8};
  const struct {
    const char* why;
    CnnShape shape;
  } rows[] = {{"plain", plain}, {"normalised", normed}, {"two a stage", deep}, {"wide", wide}};
  for (const auto& row : rows) {
    const auto graph = make_cnn(1, 12, 12, 4, row.shape, 3);
    ASSERT_TRUE(graph.ok()) << graph.error().to_string();
    check_gradients(*graph, random_case(*graph, 16, 4), {}, row.why);
  }
}

// Two branches that meet in a product, a sum, a difference and a concat; one value read thrice;
// activations on top of each other, which must not share their memory.
Result<Graph> branching_net() {
  GraphBuilder b;
  Random random(3);
  const auto weights = [&](std::int64_t in, std::int64_t out) {
    Tensor w(ElementType::kFloat32, {in, out});
    for (float& v : w.data<float>()) v = static_cast<float>(random.normal() * 0.5);
    return b.constant("w", std::move(w));
  };
  std::string x = b.input("x", ElementType::kFloat32, {-1, 6});
  x = b.node("MatMul", {x, weights(6, 8)});
  const std::string left = b.node("Tanh", {b.node("MatMul", {x, weights(8, 8)})});
  const std::string right = b.node("Sigmoid", {b.node("Tanh", {x})});
  const std::string product = b.node("Mul", {left, right});
  const std::string sum = b.node("Add", {product, x});
  const std::string less = b.node("Sub", {sum, left});
  std::string y = b.node("Concat", {less, product, x}, {{"axis", std::int64_t{1}}});
  y = b.node("Elu", {b.node("Softmax", {y})});
  b.output(b.node("MatMul", {y, weights(24, 3)}), "y");
  return std::move(b).build();
}

TEST(Gradient, OfBranchesAgreesWithDifferences) {
  const auto graph = branching_net();
  ASSERT_TRUE(graph.ok()) << graph.error().to_string();
  check_gradients(*graph, random_case(*graph, 8, 3), {}, "branches");
}

TEST(Gradient, OfEveryLossAgreesWithDifferences) {
  const auto many = make_mlp(6, {7}, 3, 1);
  const auto single = make_mlp(6, {7}, 1, 1);
  ASSERT_TRUE(many.ok() && single.ok());
  TrainOptions options;
  options.label_smoothing = 0.1;
  options.class_weights = {1, 2, 0.5F};
  check_gradients(*many, random_case(*many, 8, 3), options, "softmax, smoothed and weighted");
  options = {};
  options.loss = Loss::kBinaryCrossEntropy;
  check_gradients(*single, random_case(*single, 8, 2), options, "binary");
  options.loss = Loss::kMeanSquaredError;
  check_gradients(*single, random_case(*single, 8, 1), options, "squares");
  options.loss = Loss::kHuber;
  check_gradients(*single, random_case(*single, 8, 1), options, "huber");
}

}  // namespace
}  // namespace tenbin
