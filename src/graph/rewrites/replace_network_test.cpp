// SPDX-License-Identifier: Apache-2.0
#include "graph/rewrites/replace_network.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "graph/builder.h"
#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

Tensor filled(Shape shape) {
  Tensor out(ElementType::kFloat32, std::move(shape));
  std::fill(out.data<float>().begin(), out.data<float>().end(), 0.5F);
  return out;
}

// Pixels of bytes in, a label and shares out: a network between what prepares and what answers.
Model classifier() {
  GraphBuilder b;
  const auto pixels = b.input("image", ElementType::kUint8, {-1, 4});
  const auto real = b.node("Cast", {pixels}, {{"to", std::int64_t{1}}});
  const auto scaled = b.node("Mul", {real, b.constant("scale", Tensor::scalar(1 / 255.0F))});
  const auto hidden = b.node("Relu", {b.node("MatMul", {scaled, b.constant("w", filled({4, 6}))})});
  const auto numbers = b.node("MatMul", {hidden, b.constant("v", filled({6, 3}))});
  b.output(b.node("ArgMax", {numbers}, {{"axis", std::int64_t{1}}}), "label");
  b.output(b.node("Softmax", {numbers}), "shares");
  Model model;
  model.graph = std::move(b).build().value();
  return model;
}

Graph smaller() {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 4});
  b.output(b.node("MatMul", {x, b.constant("w", filled({4, 3}))}), "logits");
  return std::move(b).build().value();
}

int count_op(const Graph& graph, const std::string& op) {
  return static_cast<int>(std::count_if(graph.nodes.begin(), graph.nodes.end(),
                                        [&](const OpCall& node) { return node.op == op; }));
}

TEST(ReplaceNetwork, PutsAnotherBetweenTheSameEnds) {
  const Model model = classifier();
  const Network network = network_of(model).value();
  const auto out = replace_network(model, network, smaller());
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(count_op(out->graph, "MatMul"), 1) << "both old layers are gone";
  EXPECT_EQ(count_op(out->graph, "Relu"), 0);
  EXPECT_EQ(count_op(out->graph, "Cast"), 1) << "what prepares stays";
  ASSERT_EQ(out->graph.outputs.size(), 2U);
  EXPECT_EQ(out->graph.outputs[0].name, "label");
  EXPECT_EQ(out->graph.outputs[1].name, "shares");
  EXPECT_EQ(out->graph.initializers.size(), 2U) << "the scale of pixels and one matrix";
  EXPECT_TRUE(network_of(*out).ok()) << "and it can be done again";
}

TEST(ReplaceNetwork, PutsOneThatReadsTokensBehindWhatMakesThem) {
  GraphBuilder b;
  const auto words = b.input("words", ElementType::kInt32, {-1, 6});
  const auto tokens = b.node("Cast", {words}, {{"to", std::int64_t{7}}});
  const auto rows = b.node("Gather", {b.constant("table", filled({5, 4})), tokens});
  const auto flat = b.node("Flatten", {rows});
  b.output(b.node("MatMul", {flat, b.constant("w", filled({24, 2}))}), "scores");
  Model model;
  model.graph = std::move(b).build().value();
  const Network network = network_of(model).value();
  const auto out = replace_network(model, network, network.graph);
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out->graph.nodes.size(), model.graph.nodes.size());
  const Model ends = ends_of_network(model, network).value();
  ASSERT_EQ(ends.graph.outputs.size(), 2U);
  EXPECT_EQ(ends.graph.outputs[0].type, ElementType::kInt64) << "the tokens";
  EXPECT_EQ(ends.graph.outputs[1].type, ElementType::kFloat32);
}

TEST(ReplaceNetwork, TheSameNetworkGivesTheSameNodes) {
  const Model model = classifier();
  const Network network = network_of(model).value();
  const auto out = replace_network(model, network, network.graph);
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out->graph.nodes.size(), model.graph.nodes.size());
}

TEST(ReplaceNetwork, ANetworkOfAnotherShapeIsRefused) {
  const Model model = classifier();
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 5});
  b.output(b.node("MatMul", {x, b.constant("w", filled({5, 3}))}), "logits");
  const auto out = replace_network(model, network_of(model).value(), std::move(b).build().value());
  EXPECT_FALSE(out.ok()) << "it reads five values, the model has four";
}

TEST(EndsOfNetwork, TellsWhatFeedsItAndWhatItAnswers) {
  const Model model = classifier();
  const auto ends = ends_of_network(model, network_of(model).value());
  ASSERT_TRUE(ends.ok()) << ends.error().to_string();
  ASSERT_EQ(ends->graph.outputs.size(), 2U);
  EXPECT_EQ(ends->graph.outputs[0].shape, (Shape{-1, 4}));
  EXPECT_EQ(ends->graph.outputs[1].shape, (Shape{-1, 3}));
  EXPECT_EQ(count_op(ends->graph, "Softmax"), 0);
}

}  // namespace
}  // namespace tenbin
