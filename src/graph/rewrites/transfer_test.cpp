// SPDX-License-Identifier: Apache-2.0
#include "graph/rewrites/transfer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "graph/builder.h"
#include "graph/counts.h"
#include "graph/models/model.h"
#include "graph/nets/nets.h"

namespace tenbin {
namespace {

Graph zoo(const char* name) { return build_model(*find_model(name), {}).value(); }

int count_op(const Graph& graph, const std::string& op) {
  return static_cast<int>(std::count_if(graph.nodes.begin(), graph.nodes.end(),
                                        [&](const OpCall& node) { return node.op == op; }));
}

Tensor filled(Shape shape) {
  Tensor out(ElementType::kFloat32, std::move(shape));
  std::fill(out.data<float>().begin(), out.data<float>().end(), 0.5F);
  return out;
}

// A classifier as exporters write it: one row fixed, pixels scaled inside, a label at its end.
Model exported() {
  GraphBuilder b;
  const auto pixels = b.input("image", ElementType::kUint8, {1, 1, 4, 4});
  const auto real = b.node("Cast", {pixels}, {{"to", std::int64_t{1}}});
  const auto scaled = b.node("Mul", {real, b.constant("scale", Tensor::scalar(1 / 255.0F))});
  const auto h = b.node("Relu", {b.node("Conv", {scaled, b.constant("w", filled({2, 1, 3, 3}))})});
  const auto shape = b.constant("shape", Tensor::of<std::int64_t>({2}, {1, 8}));
  const auto flat = b.node("Reshape", {h, shape});
  const auto z =
      b.node("Gemm", {flat, b.constant("v", filled({3, 8})), b.constant("c", filled({3}))},
             {{"transB", std::int64_t{1}}});
  b.output(b.node("ArgMax", {z}, {{"axis", std::int64_t{1}}}), "label");
  b.output(b.node("Softmax", {z}), "probabilities");
  Model model;
  model.graph = std::move(b).build().value();
  return model;
}

TEST(Transfer, TakesTheNetworkOutOfAModel) {
  const auto network = network_of(exported());
  ASSERT_TRUE(network.ok()) << network.error().to_string();
  const Graph& g = network->graph;
  ASSERT_EQ(g.inputs.size(), 1U);
  EXPECT_EQ(g.inputs[0].name, "x");
  EXPECT_EQ(g.inputs[0].shape, (Shape{-1, 1, 4, 4})) << "the batch is free";
  EXPECT_EQ(g.outputs[0].name, "logits");
  EXPECT_EQ(g.outputs[0].shape, (Shape{-1, 3}));
  for (const char* op : {"Cast", "Mul", "Softmax", "ArgMax"}) EXPECT_EQ(count_op(g, op), 0) << op;
  EXPECT_EQ(count_op(g, "Conv") + count_op(g, "Gemm"), 2);
  EXPECT_FALSE(g.initializers.contains("scale"));
  EXPECT_EQ(network->notes.size(), 2U);
}

// Tokens into a table of five rows, their mean into a layer; `cast` makes them of the input.
Model of_tokens(ElementType input, bool cast, bool twice = false) {
  GraphBuilder b;
  std::string tokens = b.input("words", input, {1, 6});
  if (cast) tokens = b.node("Cast", {tokens}, {{"to", std::int64_t{7}}});
  const auto rows = b.node("Gather", {b.constant("table", filled({5, 4})), tokens});
  auto h = b.node("ReduceMean", {rows},
                  {{"axes", std::vector<std::int64_t>{1}}, {"keepdims", std::int64_t{0}}});
  if (twice) h = b.node("Mul", {h, b.input("weight", ElementType::kFloat32, {1, 4})});
  b.output(b.node("MatMul", {h, b.constant("w", filled({4, 2}))}), "scores");
  Model model;
  model.graph = std::move(b).build().value();
  return model;
}

TEST(Transfer, TakesANetworkThatBeginsWithTokens) {
  const struct {
    const char* why;
    Model model;
    const char* first;  // empty: a value between
  } rows[] = {{"the input is of tokens", of_tokens(ElementType::kInt64, false), "words"},
              {"of 32 bits: the network reads 64", of_tokens(ElementType::kInt32, false), "words"},
              {"tokens made of another type", of_tokens(ElementType::kInt32, true), ""}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto network = network_of(row.model);
    ASSERT_TRUE(network.ok()) << network.error().to_string();
    const ValueInfo& x = network->graph.inputs[0];
    EXPECT_EQ(x.type, ElementType::kInt64);
    EXPECT_EQ(x.shape, (Shape{-1, 6})) << "the batch is free";
    EXPECT_EQ(network->graph.outputs[0].shape, (Shape{-1, 2}));
    EXPECT_EQ(network->graph.nodes.size(), 3U) << "from the table on";
    if (*row.first != 0) {
      EXPECT_EQ(network->first, row.first);
    }
    EXPECT_EQ(count_layers(network->graph), 2) << "the table can be trained";
  }
  const auto two = network_of(of_tokens(ElementType::kInt64, false, true));
  ASSERT_FALSE(two.ok());
  EXPECT_NE(two.error().to_string().find("'weight'"), std::string::npos) << "floats beside them";
}

TEST(Transfer, SaysWhyAModelHasNoNetworkToTrain) {
  GraphBuilder ints;
  ints.output(ints.node("Neg", {ints.input("n", ElementType::kInt64, {-1, 3})}), "y");
  GraphBuilder plain;
  plain.output(plain.node("Relu", {plain.input("x", ElementType::kFloat32, {-1, 3})}), "y");
  GraphBuilder two;
  const auto a = two.input("a", ElementType::kFloat32, {-1, 3});
  const auto mask = two.input("mask", ElementType::kFloat32, {-1, 3});
  two.output(two.node("Mul", {two.node("MatMul", {a, two.constant("w", filled({3, 3}))}), mask}),
             "y");
  struct Row {
    GraphBuilder* builder;
    const char* found;
  } rows[] = {{&ints, "no output of floats"}, {&plain, "no layer with weights"}, {&two, "'mask'"}};
  for (Row& row : rows) {
    Model model;
    model.graph = std::move(*row.builder).build().value();
    const auto network = network_of(model);
    ASSERT_FALSE(network.ok()) << row.found;
    EXPECT_EQ(network.error().code(), ErrorCode::kUnsupportedOp);
    EXPECT_NE(network.error().to_string().find(row.found), std::string::npos)
        << network.error().to_string();
  }
}

TEST(Transfer, ReplacesTheLastLayerAlone) {
  const Graph network = zoo("resnet18");
  const Graph other = with_new_head(network, 4, 5).value();
  EXPECT_EQ(other.outputs[0].name, "logits");
  EXPECT_EQ(other.outputs[0].shape, (Shape{-1, 4}));
  const auto parameters = [](const Graph& g) { return count(g).value().parameters; };
  EXPECT_EQ(parameters(network) - parameters(other), 6 * 513) << "ten outputs became four";
  std::size_t same = 0;
  for (const auto& [name, tensor] : network.initializers) {
    const auto found = other.initializers.find(name);
    if (found != other.initializers.end() && found->second == tensor) ++same;
  }
  EXPECT_GE(same + 2, network.initializers.size());
}

TEST(Transfer, PutsALayerBehindANetworkThatEndsOtherwise) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 3, 8, 8});
  const auto planes = b.node("Conv", {x, b.constant("w", filled({6, 3, 1, 1}))});
  b.output(b.node("Flatten", {b.node("GlobalAveragePool", {planes})}), "logits");
  const Graph other = with_new_head(std::move(b).build().value(), 2, 1).value();
  EXPECT_EQ(other.outputs[0].shape, (Shape{-1, 2}));
  EXPECT_EQ(count_layers(other), 2);
}

TEST(Transfer, CutsWhereOneValuePasses) {
  const Graph network = zoo("resnet18");
  const std::int64_t all = count_layers(network);
  EXPECT_EQ(all, 21);  // 1 + 16 + 3 shortcuts + 1
  const struct {
    const char* why;
    std::int64_t asked, trained;
  } rows[] = {{"the last layer", 1, 1},
              {"a second one lies beside a shortcut: the whole block", 2, 3},
              {"as many as there are", all, all}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto halves = split_at_last_layers(network, row.asked);
    ASSERT_TRUE(halves.ok()) << halves.error().to_string();
    EXPECT_EQ(halves->layers, row.trained);
    EXPECT_EQ(count_layers(halves->trained), row.trained);
    EXPECT_EQ(halves->fixed.nodes.size() + halves->trained.nodes.size(), network.nodes.size());
    EXPECT_EQ(halves->trained.inputs[0].name, "x");
    EXPECT_EQ(halves->fixed.nodes.empty(), row.trained == all);
  }
  EXPECT_FALSE(split_at_last_layers(network, 0).ok());
}

}  // namespace
}  // namespace tenbin
