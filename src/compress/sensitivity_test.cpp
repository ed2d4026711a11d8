// SPDX-License-Identifier: Apache-2.0
#include "compress/sensitivity.h"

#include "compress/insert_grids.h"
#include "compress/layers.h"
#include "compress/trained_case.h"

namespace tenbin {
namespace {

TEST(Sensitivity, FindsTheLayerThatGridsHurt) {
  TrainedCase net = trained_cnn();
  name_nodes(net.graph);
  Ranges ranges = calibrate(net.graph, grid_values(net.graph), net.rows).value();
  // The grid of the rows is far too wide: nearly all lies on its first steps.
  const std::string hurt = net.graph.nodes.front().name;
  ASSERT_EQ(net.graph.nodes.front().op, "Conv");
  ranges["x"] = {-60, 60};
  const auto ranked = rank_layers(net.graph, ranges, net.rows);
  ASSERT_TRUE(ranked.ok()) << ranked.error().to_string();
  ASSERT_EQ(ranked->size(), 4U);
  EXPECT_EQ(ranked->front().layer, hurt);
  EXPECT_EQ(ranked->front().weights, 12 * 2 * 9);
  for (std::size_t i = 1; i < ranked->size(); ++i) {
    EXPECT_LE((*ranked)[i].relative_error, (*ranked)[i - 1].relative_error);
    EXPECT_GT((*ranked)[i].relative_error, 0);
    EXPECT_LE((*ranked)[i].other_labels, 0.05);
  }
  // Left in floats, as the ranking says, the rest does little harm.
  const auto in_floats = most_sensitive(*ranked, ranked->front().relative_error * 0.9);
  EXPECT_EQ(in_floats, std::set<std::string>{hurt});
  const auto wanted = logits_of(net.graph, net.rows);
  const Graph all = insert_grids(net.graph, ranges).value();
  const Graph mixed = insert_grids(net.graph, ranges, in_floats).value();
  EXPECT_LT(relative_error(wanted, logits_of(mixed, net.rows)),
            0.3 * relative_error(wanted, logits_of(all, net.rows)));
  expect_runtime_agrees(mixed, net.rows, 6);
}

TEST(Sensitivity, LeavesNoneOrAllByTheErrorAllowed) {
  const std::vector<LayerSensitivity> ranked = {
      {"a", 0.3, 0, 1}, {"b", 0.2, 0, 1}, {"c", 0.1, 0, 1}};
  const struct {
    const char* why;
    double allowed;
    std::set<std::string> in_floats;
  } rows[] = {{"the sum is allowed", 0.61, {}},
              {"one is too many", 0.35, {"a"}},
              {"two are", 0.15, {"a", "b"}},
              {"nothing is allowed", -1, {"a", "b", "c"}}};
  for (const auto& row : rows)
    EXPECT_EQ(most_sensitive(ranked, row.allowed), row.in_floats) << row.why;
}

TEST(Sensitivity, NeedsNames) {
  TrainedCase net = trained_mlp();
  for (OpCall& node : net.graph.nodes) node.name = "same";
  const auto ranked = rank_layers(net.graph, {}, net.rows);
  ASSERT_FALSE(ranked.ok());
  EXPECT_NE(ranked.error().to_string().find("no name of its own"), std::string::npos);
  name_nodes(net.graph);
  std::set<std::string> names;
  for (const OpCall& node : net.graph.nodes) names.insert(node.name);
  EXPECT_EQ(names.size(), net.graph.nodes.size());
}

}  // namespace
}  // namespace tenbin
