// SPDX-License-Identifier: Apache-2.0
#include "compress/correct_bias.h"

#include "compress/insert_grids.h"
#include "compress/trained_case.h"

namespace tenbin {
namespace {

// Weights on so few steps that rounding shifts means.
ChosenWeights coarse_weights(const Graph& graph, int most) {
  ChosenWeights chosen;
  for (const OpCall& node : graph.nodes) {
    if (node.op != "Conv" && node.op != "Gemm") continue;
    const Tensor& weights = graph.initializers.at(node.inputs[1]);
    const bool rows = node.op == "Conv" || node.integer("transB", 0) != 0;
    chosen[node.inputs[1]] = nearest_weights(weights, rows ? 0 : 1, most);
  }
  return chosen;
}

std::vector<double> mean_of_columns(const std::vector<float>& values, std::size_t width) {
  std::vector<double> means(width, 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    means[i % width] += static_cast<double>(values[i]) * static_cast<double>(width) /
                        static_cast<double>(values.size());
  }
  return means;
}

TEST(CorrectBias, MeansOfOutputsComeBackAndErrorFalls) {
  for (const TrainedCase& net : {trained_cnn(), trained_mlp()}) {
    const Ranges ranges = calibrate(net.graph, grid_values(net.graph), net.rows).value();
    const ChosenWeights chosen = coarse_weights(net.graph, 4);
    const Graph plain = insert_grids(net.graph, ranges, {}, chosen).value();
    const auto corrected = correct_biases(net.graph, ranges, net.rows, {}, chosen);
    ASSERT_TRUE(corrected.ok()) << corrected.error().to_string();
    const Graph stored = insert_grids(*corrected, ranges, {}, chosen).value();
    const auto wanted = logits_of(net.graph, net.rows);
    const auto before = logits_of(plain, net.rows), after = logits_of(stored, net.rows);
    EXPECT_LT(relative_error(wanted, after), 0.95 * relative_error(wanted, before));
    const auto means = mean_of_columns(wanted, 6), off = mean_of_columns(after, 6);
    const auto off_before = mean_of_columns(before, 6);
    double worst = 0, worst_before = 0;
    for (std::size_t c = 0; c < 6; ++c) {
      worst = std::max(worst, std::fabs(off[c] - means[c]));
      worst_before = std::max(worst_before, std::fabs(off_before[c] - means[c]));
    }
    EXPECT_LT(worst, 0.02 * worst_before);
    expect_runtime_agrees(stored, net.rows, 6);
  }
}

TEST(CorrectBias, GivesABiasWhereThereIsNone) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 3});
  const auto w = b.constant("w", Tensor::of<float>({3, 1}, {0.31F, 0.74F, -1}));
  b.output(b.node("Gemm", {x, w}), "logits");
  const Graph graph = std::move(b).build().value();
  Tensor rows(ElementType::kFloat32, {8, 3});
  for (float& v : rows.data<float>()) v = 1;
  const Ranges ranges = {{"x", {0, 1}}};
  const ChosenWeights coarse = {{"w", nearest_weights(graph.initializers.at("w"), 1, 2)}};
  const Graph corrected = correct_biases(graph, ranges, rows, {}, coarse).value();
  ASSERT_EQ(corrected.nodes[0].inputs.size(), 3U);
  // On steps of 0.5: 0.5 + 0.5 - 1 instead of 0.05.
  EXPECT_NEAR(corrected.initializers.at(corrected.nodes[0].inputs[2]).data<float>()[0], 0.05, 1e-3);
}

TEST(CorrectBias, CorrectsWhatIsAddedToAMatMul) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 2, 3});
  const auto w = b.constant("w", Tensor::of<float>({3, 2}, {0.31F, 1, 0.74F, 0.2F, -1, 0}));
  const auto sum =
      b.node("Add", {b.constant("b", Tensor::of<float>({2}, {3, 4})), b.node("MatMul", {x, w})});
  b.output(b.node("Flatten", {sum}), "logits");
  const Graph graph = std::move(b).build().value();
  Tensor rows(ElementType::kFloat32, {8, 2, 3});
  for (float& v : rows.data<float>()) v = 1;
  const ChosenWeights coarse = {{"w", nearest_weights(graph.initializers.at("w"), 1, 2)}};
  const Graph corrected = correct_biases(graph, {{"x", {0, 1}}}, rows, {}, coarse).value();
  // On steps of 0.5: 0.5 + 0.5 - 1 instead of 0.05, and 1 + 0 + 0 instead of 1.2.
  EXPECT_NEAR(corrected.initializers.at("b").data<float>()[0], 3.05, 1e-3);
  EXPECT_NEAR(corrected.initializers.at("b").data<float>()[1], 4.2, 1e-3);
}

TEST(CorrectBias, LeavesLayersInFloats) {
  const TrainedCase net = trained_mlp();
  std::set<std::string> all;
  for (const OpCall& node : net.graph.nodes) all.insert(node.name);
  const Graph corrected = correct_biases(net.graph, {}, net.rows, all).value();
  for (const auto& [name, tensor] : net.graph.initializers) {
    EXPECT_EQ(corrected.initializers.at(name), tensor);
  }
}

}  // namespace
}  // namespace tenbin
