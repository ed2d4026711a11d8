// SPDX-License-Identifier: Apache-2.0
#include "graph/graph.h"

#include <gtest/gtest.h>

#include "graph/builder.h"
#include "graph/counts.h"

namespace tenbin {
namespace {

OpCall call(std::string op, std::vector<std::string> inputs, std::vector<std::string> outputs) {
  return {std::move(op), "", "", std::move(inputs), std::move(outputs), {}};
}
ValueInfo value(std::string name, Shape shape = {-1, 4}) {
  return {std::move(name), ElementType::kFloat32, std::move(shape), true};
}
Tensor integers(std::vector<std::int64_t> values) {
  const auto size = static_cast<std::int64_t>(values.size());
  return Tensor::of<std::int64_t>({size}, std::span<const std::int64_t>(values));
}

TEST(CheckAndSort, PutsWritersBeforeReadersAndKeepsTheRest) {
  Graph graph;
  graph.inputs = {value("x")};
  graph.outputs = {value("z")};
  graph.nodes = {call("Neg", {"y"}, {"z"}), call("Abs", {"x"}, {"a"}), call("Relu", {"x"}, {"y"})};
  ASSERT_TRUE(check_and_sort(graph).ok());
  EXPECT_EQ(graph.nodes[0].op, "Abs");
  EXPECT_EQ(graph.nodes[1].op, "Relu");
  EXPECT_EQ(graph.nodes[2].op, "Neg");
}

TEST(CheckAndSort, NamesWhatIsWrong) {
  struct Row {
    const char* why;
    std::vector<OpCall> nodes;
    std::string says;
  };
  const std::vector<Row> rows = {
      {"a value that nobody writes", {call("Add", {"x", "ghost"}, {"z"})}, "'ghost'"},
      {"two writers", {call("Neg", {"x"}, {"z"}), call("Abs", {"x"}, {"z"})}, "Neg and by Abs"},
      {"an input written", {call("Neg", {"x"}, {"x"}), call("Abs", {"x"}, {"z"})}, "an input"},
      {"a cycle", {call("Add", {"x", "b"}, {"z"}), call("Neg", {"z"}, {"b"})}, "cycle"},
      {"output without a writer", {call("Neg", {"x"}, {"a"})}, "output 'z'"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    Graph graph;
    graph.inputs = {value("x")};
    graph.outputs = {value("z")};
    graph.nodes = row.nodes;
    const Status status = check_and_sort(graph);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), ErrorCode::kBadModel);
    EXPECT_NE(status.error().message().find(row.says), std::string::npos)
        << status.error().message();
  }
}

TEST(CheckAndSort, WaitsForWhatASubgraphCaptures) {
  Graph body;
  body.nodes = {call("Neg", {"late"}, {"r"})};
  body.outputs = {value("r")};
  OpCall branch = call("If", {"flag"}, {"z"});
  branch.attributes["then_branch"] = std::make_shared<const Subgraph>(Subgraph{body});
  Graph graph;
  graph.inputs = {value("x"), value("flag")};
  graph.outputs = {value("z")};
  graph.nodes = {branch, call("Relu", {"x"}, {"late"})};
  ASSERT_TRUE(check_and_sort(graph).ok());
  EXPECT_EQ(graph.nodes[0].op, "Relu");
  graph.nodes.erase(graph.nodes.begin());
  EXPECT_FALSE(check_and_sort(graph).ok()) << "a captured value must exist";
}

TEST(Append, RenamesWhatClashes) {
  Graph graph;
  graph.inputs = {value("x")};
  graph.nodes = {call("Mul", {"x", "w"}, {"y"})};
  graph.initializers["w"] = Tensor::scalar<float>(2);
  Fragment fragment;
  fragment.inputs = {value("in")};
  fragment.constants["w"] = Tensor::scalar<float>(3);
  fragment.calls = {call("Mul", {"in", "w"}, {"y"}), call("Neg", {"y"}, {"out"})};
  graph.nodes[0].name = fragment.calls[0].name = "product";
  fragment.outputs = {"out"};
  const auto made = append(graph, fragment, {{"in", "y"}});
  ASSERT_TRUE(made.ok()) << made.error().to_string();
  EXPECT_EQ(*made, std::vector<std::string>{"out"});
  EXPECT_EQ(graph.nodes[1].inputs, (std::vector<std::string>{"y", "w_2"}));
  EXPECT_EQ(graph.nodes[1].outputs, (std::vector<std::string>{"y_2"}));
  EXPECT_EQ(graph.nodes[2].inputs, (std::vector<std::string>{"y_2"}));
  EXPECT_EQ(graph.nodes[1].name, "product_2") << "other runtimes refuse two nodes of a name";
  EXPECT_EQ(graph.initializers.at("w"), Tensor::scalar<float>(2)) << "ours is not touched";
  const Graph before = graph;
  EXPECT_FALSE(append(graph, fragment, {}).ok());
  EXPECT_EQ(graph.nodes.size(), before.nodes.size()) << "a failure leaves the graph as it was";
}

TEST(Graph, FreshNamesAreNew) {
  Graph graph;
  graph.inputs = {value("x")};
  graph.nodes = {call("Neg", {"x"}, {"x_2"})};
  EXPECT_EQ(graph.fresh_name("x"), "x_3");
  EXPECT_EQ(graph.fresh_name("y"), "y");
}

// view(size(0), -1) as exporters write it: Shape, Gather, Unsqueeze, Concat, Reshape.
Graph exported_view() {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 16, 5, 5});
  const auto sizes = b.node("Shape", {x});
  const auto first = b.node("Gather", {sizes, b.constant("zero", Tensor::scalar<std::int64_t>(0))});
  const auto one = b.node("Unsqueeze", {first, b.constant("axis", integers({0}))});
  const auto rest = b.node("Constant", {}, {{"value", integers({-1})}});
  const auto target = b.node("Concat", {one, rest}, {{"axis", std::int64_t{0}}});
  const auto flat = b.node("Reshape", {x, target});
  const auto w = b.constant("w", Tensor(ElementType::kFloat32, {400, 10}));
  b.output(b.node("Add", {b.node("MatMul", {flat, w}),
                          b.constant("bias", Tensor(ElementType::kFloat32, {10}))}),
           "y");
  return std::move(b).build().value();
}

TEST(InferShapes, FollowsSizesThroughTheGraph) {
  Graph graph = exported_view();
  EXPECT_EQ(to_text(graph.outputs[0].shape), "[-1, 10]");
  ASSERT_TRUE(bind_batch(graph, 7).ok());
  EXPECT_EQ(to_text(graph.info("Reshape")->shape), "[7, 400]");
  EXPECT_EQ(to_text(graph.outputs[0].shape), "[7, 10]");
}

TEST(InferShapes, AnUnknownOperatorLeavesItsResultOpen) {
  Graph graph;
  graph.inputs = {value("x")};
  graph.outputs = {{"z", ElementType::kUndefined, {}, false}};
  graph.nodes = {call("Mystery", {"x"}, {"y"}), call("Relu", {"y"}, {"z"})};
  ASSERT_TRUE(infer_shapes(graph).ok());
  EXPECT_FALSE(graph.outputs[0].has_shape);
  graph.values["y"] = value("y", {3, 4});
  ASSERT_TRUE(infer_shapes(graph).ok());
  EXPECT_EQ(to_text(graph.outputs[0].shape), "[3, 4]") << "what the file says is believed";
}

TEST(InferShapes, NamesTheNode) {
  Graph graph;
  graph.inputs = {value("x", {2, 3}), value("y", {4, 5})};
  graph.outputs = {value("z")};
  graph.nodes = {call("MatMul", {"x", "y"}, {"z"})};
  graph.nodes[0].name = "head/dense";
  const Status status = infer_shapes(graph);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kBadShape);
  EXPECT_NE(status.error().where().find("head/dense"), std::string::npos);
}

TEST(Count, ABiasBesideAProductIsAParameterAndSharedWeightsCountOnce) {
  const auto counts = count(exported_view());
  ASSERT_TRUE(counts.ok()) << counts.error().to_string();
  EXPECT_EQ(counts->parameters, 4010);
  EXPECT_EQ(counts->macs.count, 4000);
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 4});
  const auto w = b.constant("w", Tensor(ElementType::kFloat32, {4, 4}));
  const auto turned = b.node("Transpose", {w});
  b.output(b.node("MatMul", {b.node("MatMul", {x, w}), turned}), "y");
  const auto tied = count(std::move(b).build().value());
  ASSERT_TRUE(tied.ok());
  EXPECT_EQ(tied->parameters, 16);
  EXPECT_EQ(tied->macs.count, 32);
}

TEST(Count, UnknownCostIsAnErrorNotZero) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, -1});
  b.output(b.node("MatMul", {x, b.constant("w", Tensor(ElementType::kFloat32, {4, 4}))}), "y");
  const auto counts = count(std::move(b).build().value());
  ASSERT_FALSE(counts.ok());
  EXPECT_EQ(counts.error().code(), ErrorCode::kBadShape);
}

TEST(Graph, StampsOperatorSetsInSubgraphsToo) {
  Graph body;
  body.nodes = {{"Neg", "", "inner", {"x"}, {"y"}, {}}};
  Graph graph;
  graph.nodes = {{"If",
                  "",
                  "choice",
                  {"c"},
                  {"z"},
                  {{"then_branch", std::make_shared<const Subgraph>(Subgraph{std::move(body)})}}},
                 {"Scaler", "ai.onnx.ml", "scale", {"z"}, {"s"}, {}}};
  stamp_opsets(graph, {{"", 11}});
  EXPECT_EQ(graph.nodes[0].opset, 11);
  EXPECT_EQ(graph.nodes[1].opset, 17) << "a domain that is not imported is left alone";
  const auto inner =
      std::get<std::shared_ptr<const Subgraph>>(graph.nodes[0].attributes.at("then_branch"));
  EXPECT_EQ(inner->graph.nodes[0].opset, 11);
}

}  // namespace
}  // namespace tenbin
