// SPDX-License-Identifier: Apache-2.0
#include "compress/low_rank.h"

#include "compress/trained_case.h"
#include "graph/counts.h"

namespace tenbin {
namespace {

using Integers = std::vector<std::int64_t>;

Tensor of_rank(Shape shape, std::size_t rank) {
  Tensor out(ElementType::kFloat32, shape);
  const auto rows = static_cast<std::size_t>(shape[0]);
  const std::size_t columns = static_cast<std::size_t>(out.count()) / rows;
  Random random(columns);
  std::vector<double> a(rows * rank), b(rank * columns);
  for (double& v : a) v = random.normal();
  for (double& v : b) v = random.normal() * 0.2;
  for (std::size_t i = 0; i < rows * columns; ++i) {
    for (std::size_t k = 0; k < rank; ++k) {
      out.data<float>()[i] +=
          static_cast<float>(a[i / columns * rank + k] * b[k * columns + i % columns]);
    }
  }
  return out;
}

// Layers whose weights are of rank 3 in truth: two thin ones are the same.
Graph of_thin_layers() {
  GraphBuilder b;
  auto v = b.input("x", ElementType::kFloat32, {-1, 6, 8, 8});
  v = b.node("Conv",
             {v, b.constant("c", of_rank({12, 6, 3, 3}, 3)), b.constant("cb", of_rank({12}, 1))},
             {{"pads", Integers{1, 0, 1, 2}}, {"strides", Integers{2, 1}}});
  v = b.node("Relu", {v});
  v = b.node("Conv", {v, b.constant("p", of_rank({16, 12, 1, 1}, 3))});
  v = b.node("Flatten", {b.node("GlobalAveragePool", {v})});
  v = b.node("Gemm", {v, b.constant("g", of_rank({24, 16}, 3)), b.constant("gb", of_rank({24}, 1))},
             {{"transB", std::int64_t{1}}});
  v = b.node("Gemm", {v, b.constant("h", of_rank({24, 20}, 3))}, {{"alpha", 0.5F}});
  b.output(b.node("MatMul", {v, b.constant("m", of_rank({20, 15}, 3))}), "logits");
  return std::move(b).build().value();
}

TEST(LowRank, LayersOfLowRankAreReplacedExactly) {
  const Graph graph = of_thin_layers();
  const auto factored = factor_layers(graph, {0.999999, 1});
  ASSERT_TRUE(factored.ok()) << factored.error().to_string();
  ASSERT_EQ(factored->layers.size(), 5U);
  for (const FactoredLayer& layer : factored->layers) {
    EXPECT_EQ(layer.rank, 3U) << layer.layer;
    EXPECT_GT(layer.energy_kept, 0.999999);
  }
  const Tensor rows = rows_of_classes(graph, 24, 5).rows;
  const auto wanted = logits_of(graph, rows);
  EXPECT_LT(relative_error(wanted, logits_of(factored->graph, rows)), 1e-9);
  const auto theirs = runtime_logits(factored->graph, rows);
  if (!theirs.empty()) {
    EXPECT_LT(relative_error(wanted, theirs), 1e-9);
  }
  EXPECT_LT(count(factored->graph)->macs.count, count(graph)->macs.count / 2);
  EXPECT_LT(count(factored->graph)->parameters, count(graph)->parameters / 2);
}

TEST(LowRank, KeepsMoreWithMoreEnergyAndCountsAsReported) {
  const TrainedCase net = trained_mlp();
  const auto wanted = logits_of(net.graph, net.rows);
  double last_error = INFINITY;
  std::size_t replaced = 0;
  for (const double energy : {0.5, 0.8, 0.9}) {
    const Factored factored = factor_layers(net.graph, {energy, 1}).value();
    replaced += factored.layers.size();
    for (const FactoredLayer& layer : factored.layers) {
      EXPECT_GE(layer.energy_kept, energy);
      EXPECT_LT(layer.macs_kept, 1);
    }
    const double error = relative_error(wanted, logits_of(factored.graph, net.rows));
    EXPECT_LT(error, last_error);
    last_error = error;
    expect_runtime_agrees(factored.graph, net.rows, 6);
  }
  EXPECT_GT(replaced, 3U);
  EXPECT_LT(last_error, 0.3);
}

TEST(LowRank, BoundsMultiplyAddsFirst) {
  const Graph graph = trained_mlp().graph;
  const Factored half = factor_layers(graph, {1, 0.5}).value();
  EXPECT_EQ(half.layers.size(), 3U);
  for (const FactoredLayer& layer : half.layers) EXPECT_LE(layer.macs_kept, 0.5);
  EXPECT_LE(count(half.graph)->macs.count, count(graph)->macs.count / 2);
}

TEST(LowRank, LeavesWhatWouldNotGainAndWhatIsNamed) {
  const Graph graph = of_thin_layers();
  std::set<std::string> all;
  for (const OpCall& node : graph.nodes) all.insert(node.name);
  EXPECT_TRUE(factor_layers(graph, {0.9, 1}, all).value().layers.empty());
  const Factored whole = factor_layers(trained_cnn().graph, {1, 1}).value();
  EXPECT_TRUE(whole.layers.empty()) << "of full rank";
  EXPECT_FALSE(factor_layers(graph, {1.5, 1}).ok());
}

}  // namespace
}  // namespace tenbin
