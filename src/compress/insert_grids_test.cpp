// SPDX-License-Identifier: Apache-2.0
#include "compress/insert_grids.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "compress/layers.h"
#include "compress/trained_case.h"
#include "engine/inference_plan.h"
#include "graph/builder.h"
#include "graph/nets/nets.h"
#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

Tensor random_rows(Shape shape) {
  Tensor rows(ElementType::kFloat32, std::move(shape));
  float phase = 0;
  for (float& v : rows.data<float>()) {
    phase += 1.37F;
    v = 2 * std::sin(phase) * std::cos(phase * phase);
  }
  return rows;
}

Graph trained_like_cnn() {
  Graph graph = make_cnn(1, 28, 28, 10, cnn_28_normalised(), 3).value();
  EXPECT_TRUE(fold_batch_norm(graph).ok());
  EXPECT_TRUE(remove_identities(graph).ok());
  return graph;
}

std::vector<float> run(const Graph& graph, const Tensor& rows) {
  auto plan = InferencePlan::compile(graph, rows.shape()[0], 1);
  EXPECT_TRUE(plan.ok()) << plan.error().to_string();
  std::vector<float> out(static_cast<std::size_t>(count_of((*plan)->output_shape())));
  (*plan)->run(rows.data<float>(), out);
  return out;
}

TEST(InsertGrids, AnswersStayCloseAndLayersMultiplyIntegers) {
  const Graph graph = trained_like_cnn();
  const Tensor rows = random_rows({32, 1, 28, 28});
  const auto values = grid_values(graph);
  auto ranges = calibrate(graph, values, rows);
  ASSERT_TRUE(ranges.ok()) << ranges.error().to_string();
  EXPECT_EQ(ranges->size(), values.size());
  auto stored = insert_grids(graph, *ranges);
  ASSERT_TRUE(stored.ok()) << stored.error().to_string();
  const auto wanted = run(graph, rows);
  const auto found = run(*stored, rows);
  double error = 0, size = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    error += std::pow(static_cast<double>(wanted[i]) - static_cast<double>(found[i]), 2);
    size += std::pow(static_cast<double>(wanted[i]), 2);
  }
  EXPECT_LT(std::sqrt(error / size), 0.05);
  EXPECT_GT(error, 0) << "nothing was rounded";
  const auto plan = InferencePlan::compile(*stored, 1, 1).value();
  const auto& kernels = plan->kernels();
  if (!has_exact_int8()) return;
  for (const char* kind : {"conv_int8", "dense_int8"}) {
    EXPECT_EQ(std::count_if(kernels.begin(), kernels.end(),
                            [&](const std::string& name) { return name.starts_with(kind); }),
              kind[0] == 'c' ? count_of_op(graph, "Conv") : count_of_op(graph, "Gemm"))
        << kind;
  }
}

TEST(InsertGrids, StoresWeightsAsIntegersOnly) {
  const Graph graph = trained_like_cnn();
  Ranges ranges;
  for (const std::string& value : grid_values(graph)) ranges[value] = {0, 1};
  const Graph stored = insert_grids(graph, ranges).value();
  for (const auto& [name, tensor] : stored.initializers) {
    const bool small = tensor.type() != ElementType::kFloat32 || tensor.count() <= 256;
    EXPECT_TRUE(small) << name << " is still " << to_text(tensor.shape()) << " of floats";
  }
}

TEST(InsertGrids, LeavesNamedNodesInFloats) {
  const Graph graph = trained_like_cnn();
  std::string first;
  for (const OpCall& node : graph.nodes) {
    if (first.empty() && node.op == "Conv") first = node.name;
  }
  Ranges ranges;
  for (const std::string& value : grid_values(graph, {first})) ranges[value] = {0, 1};
  EXPECT_FALSE(ranges.contains("x"));
  const Graph stored = insert_grids(graph, ranges, {first}).value();
  const auto conv = std::find_if(stored.nodes.begin(), stored.nodes.end(),
                                 [&](const OpCall& node) { return node.name == first; });
  ASSERT_NE(conv, stored.nodes.end());
  EXPECT_EQ(conv->inputs[0], "x");
}

// Else values would be rounded for nothing, and a runtime that sees a grid before a layer of floats
// may round its weights on its own account.
TEST(InsertGrids, MovesFloatsToALayerInFloats) {
  TrainedCase net = trained_cnn();
  name_nodes(net.graph);
  std::string second;
  for (const OpCall& node : net.graph.nodes) {
    if (node.op == "Conv") second = node.name;
  }
  const Ranges ranges = calibrate(net.graph, grid_values(net.graph), net.rows).value();
  const Graph mixed = insert_grids(net.graph, ranges, {second}).value();
  for (const OpCall& node : mixed.nodes) {
    if (node.name != second) continue;
    const auto pool = std::ranges::find_if(
        mixed.nodes, [&](const OpCall& other) { return other.outputs[0] == node.inputs[0]; });
    ASSERT_EQ(pool->op, "MaxPool");
    EXPECT_FALSE(pool->inputs[0].ends_with("_on_grid"));
  }
  const auto ours = logits_of(mixed, net.rows), theirs = runtime_logits(mixed, net.rows);
  if (!theirs.empty()) {
    EXPECT_LT(relative_error(ours, theirs), 1e-6);
  }
}

TEST(InsertGrids, ChoosesTheGridByTheRange) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 4});
  const auto h = b.node("Relu", {b.node("MatMul", {x, b.constant("w", random_rows({4, 4}))})});
  b.output(b.node("MatMul", {h, b.constant("v", random_rows({4, 2}))}), "y");
  const Graph graph = std::move(b).build().value();
  const Graph stored = insert_grids(graph, {{"x", {-2, 1}}, {h, {0, 5.1F}}}).value();
  for (const OpCall& node : stored.nodes) {
    if (node.op != "QuantizeLinear") continue;
    const bool is_input = node.inputs[0] == "x";
    const float scale = stored.initializers.at(node.inputs[1]).data<float>()[0];
    EXPECT_FLOAT_EQ(scale, is_input ? 2 / 127.0F : 5.1F / 255);
    EXPECT_EQ(stored.initializers.at(node.inputs[2]).type(),
              is_input ? ElementType::kInt8 : ElementType::kUint8);
  }
}

TEST(InsertGrids, StoresChosenWeightsAsGiven) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 2});
  b.output(b.node("MatMul", {x, b.constant("w", Tensor::of<float>({2, 1}, {0.3F, -1}))}), "y");
  const Graph graph = std::move(b).build().value();
  GridWeights weights{Tensor::of<std::int8_t>({2, 1}, {3, -10}), Tensor::of<float>({1}, {0.1F}), 1};
  const Graph stored = insert_grids(graph, {{"x", {-1, 1}}}, {}, {{"w", weights}}).value();
  EXPECT_EQ(stored.initializers.at("w_stored"), weights.values);
  EXPECT_EQ(stored.initializers.at("w_scale"), weights.scales);
  weights.values = Tensor::of<std::int8_t>({1, 2}, {3, -10});
  const auto refused = insert_grids(graph, {{"x", {-1, 1}}}, {}, {{"w", weights}});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().to_string().find("weights 'w'"), std::string::npos)
      << refused.error().to_string();
}

TEST(InsertGrids, NamesAValueWithoutARange) {
  const auto stored = insert_grids(trained_like_cnn(), {{"x", {0, 1}}});
  ASSERT_FALSE(stored.ok());
  EXPECT_EQ(stored.error().code(), ErrorCode::kBadValue);
  EXPECT_NE(stored.error().to_string().find("no range of value"), std::string::npos);
}

}  // namespace
}  // namespace tenbin
