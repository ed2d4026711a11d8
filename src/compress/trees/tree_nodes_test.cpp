// SPDX-License-Identifier: Apache-2.0
#include "compress/trees/tree_nodes.h"

#include "compress/trees/forest_case.h"

namespace tenbin {
namespace {

// Rows are doubled before the trees read them.
Graph behind_a_step() {
  Graph graph = graph_of(write_forest(drawn_forest(2, 0, true)), 3, 2);
  OpCall add;
  add.op = "Add";
  add.name = "twice";
  add.inputs = {"rows", "rows"};
  add.outputs = {"features"};
  graph.inputs[0].name = "rows";
  graph.nodes.insert(graph.nodes.begin(), add);
  return graph;
}

TEST(TreeNodes, FeaturesAreWhatTheNodeReads) {
  const Graph graph = behind_a_step();
  const Tensor rows = Tensor::of<float>({2, 3}, {1, 2, std::nanf(""), -3, 0.5F, 4});
  const auto features = tree_features(graph, std::span(&rows, 1));
  ASSERT_TRUE(features.ok()) << features.error().to_string();
  EXPECT_EQ(features->shape(), (Shape{2, 3}));
  for (std::size_t i = 0; i < 6; ++i) {
    const float x = rows.data<float>()[i], found = features->data<float>()[i];
    EXPECT_TRUE(std::isnan(x) ? std::isnan(found) : found == 2 * x) << i;
  }
  const Graph plain = graph_of(graph.nodes[1], 3, 2);
  EXPECT_EQ(tree_features(plain, std::span(&rows, 1)).value(), rows) << "an input of the graph";
}

TEST(TreeNodes, AreCountedAndFound) {
  Graph graph = behind_a_step();
  const auto nodes = static_cast<std::int64_t>(drawn_forest(2, 0, true).nodes());
  EXPECT_EQ(count_tree_nodes(graph).value(), nodes);
  EXPECT_EQ(find_tree_node(graph).value(), 1U);
  graph.nodes.push_back(graph.nodes[1]);
  graph.nodes.back().name = "others";
  graph.nodes.back().outputs = {"more"};
  EXPECT_EQ(count_tree_nodes(graph).value(), 2 * nodes);
  EXPECT_EQ(find_tree_node(graph, "others").value(), 2U);
  EXPECT_EQ(find_tree_node(graph).error().code(), ErrorCode::kBadValue) << "which of the two";
  EXPECT_EQ(find_tree_node(graph, "neither").error().code(), ErrorCode::kBadValue);
  graph.nodes.resize(1);
  EXPECT_EQ(count_tree_nodes(graph).value(), 0);
  EXPECT_EQ(find_tree_node(graph).error().code(), ErrorCode::kBadValue) << "no trees at all";
}

}  // namespace
}  // namespace tenbin
