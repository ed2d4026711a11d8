// SPDX-License-Identifier: Apache-2.0
#include "compress/trees/merge_trees.h"

#include "compress/trees/forest_case.h"
#include "compress/trees/tree_nodes.h"

namespace tenbin {
namespace {

ForestNode split(BranchMode mode, float threshold, bool missing_is_yes, std::size_t yes,
                 std::size_t no) {
  ForestNode out;
  out.mode = mode;
  out.threshold = threshold;
  out.missing_is_yes = missing_is_yes;
  out.yes = yes;
  out.no = no;
  return out;
}

ForestNode leaf(float value) {
  ForestNode out;
  out.weights = {{0, value}};
  return out;
}

Forest forest_of(std::vector<ForestTree> trees) {
  Forest out = drawn_forest(1, 0, false);
  out.trees = std::move(trees);
  return out;
}

TEST(MergeTrees, TakesOutWhatNoValueReaches) {
  const auto kLess = BranchMode::kLess, kLessEqual = BranchMode::kLessEqual;
  const auto kGreater = BranchMode::kGreater, kEqual = BranchMode::kEqual;
  const auto kNotEqual = BranchMode::kNotEqual;
  struct Row {
    const char* why;
    ForestNode above, below;  // below stands on the true side of above
    std::size_t nodes;
  };
  const auto below = [&](BranchMode mode, float t, bool missing) {
    return split(mode, t, missing, 2, 3);
  };
  const auto above = [&](BranchMode mode, float t, bool missing) {
    return split(mode, t, missing, 1, 4);
  };
  for (const Row& row : {
           Row{"x < 1 is < 2", above(kLess, 1, false), below(kLess, 2, false), 3},
           Row{"a missing one is not", above(kLess, 1, true), below(kLess, 2, false), 5},
           Row{"but here it goes along", above(kLess, 1, true), below(kLess, 2, true), 3},
           Row{"x < 2 may be < 1", above(kLess, 2, false), below(kLess, 1, false), 5},
           Row{"x <= 1 may be 1", above(kLessEqual, 1, false), below(kLess, 1, false), 5},
           Row{"x < 1 is <= 1", above(kLess, 1, false), below(kLessEqual, 1, false), 3},
           Row{"x > 1 is not <= 1", above(kGreater, 1, false), below(kLessEqual, 1, false), 3},
           Row{"x = 1 is < 2", above(kEqual, 1, false), below(kLess, 2, false), 3},
           Row{"x = 1 is 1", above(kEqual, 1, false), below(kEqual, 1, false), 3},
           Row{"all but 1 may be < 1", above(kNotEqual, 1, false), below(kLess, 1, false), 5},
           Row{"the hole in all but 1 is not remembered", above(kNotEqual, 1, false),
               below(kEqual, 1, false), 5},
           Row{"nothing is below -inf", above(kNotEqual, 1, false),
               below(kLess, -std::numeric_limits<float>::infinity(), false), 3},
           Row{"nothing is equal to NaN", above(kNotEqual, 1, false),
               below(kEqual, std::nanf(""), false), 3},
       }) {
    const Forest merged =
        merge_forest(forest_of({{row.above, row.below, leaf(1), leaf(2), leaf(3)}}));
    EXPECT_EQ(merged.nodes(), row.nodes) << row.why;
  }
}

TEST(MergeTrees, TakesOutEqualSidesUpToTheRoot) {
  const auto pair = [](std::size_t at) {
    return split(BranchMode::kLess, 1, false, at + 1, at + 2);
  };
  ForestTree tree = {split(BranchMode::kLess, 2, false, 1, 4),
                     pair(1),
                     leaf(1),
                     leaf(1),
                     pair(4),
                     leaf(1),
                     leaf(1)};
  for (ForestNode& node : tree) node.feature = node.threshold == 1 ? 1 : 0;
  const Forest merged = merge_forest(forest_of({tree}));
  ASSERT_EQ(merged.nodes(), 1U);
  EXPECT_EQ(merged.trees[0][0].weights, leaf(1).weights);
}

TEST(MergeTrees, AddsUpEqualTreesAndDropsZeroes) {
  const ForestNode root = split(BranchMode::kLess, 1, false, 1, 2);
  const ForestTree one = {root, leaf(1), leaf(2)}, two = {root, leaf(0.5F), leaf(-3)},
                   zero = {root, leaf(0), leaf(0)}, lone = {leaf(4)};
  Forest merged = merge_forest(forest_of({one, lone, zero, two, lone}));
  ASSERT_EQ(merged.trees.size(), 2U);
  EXPECT_EQ(merged.trees[0][1].weights, leaf(1.5F).weights);
  EXPECT_EQ(merged.trees[0][2].weights, leaf(-1).weights);
  EXPECT_EQ(merged.trees[1][0].weights, leaf(8).weights);
  Forest mean = forest_of({one, zero, two});
  mean.call.attributes["aggregate_function"] = std::string("AVERAGE");
  EXPECT_EQ(merge_forest(mean).trees.size(), 3U) << "a mean counts its trees";
}

TEST(MergeTrees, DrawnForestsAnswerAsBefore) {
  std::size_t before = 0, after = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    const std::size_t classes = std::vector<std::size_t>{0, 2, 3}[seed % 3];
    const Forest forest = drawn_forest(seed, classes, seed % 2 == 0);
    const Graph graph =
        graph_of(write_forest(forest), 3, static_cast<std::int64_t>(forest.outputs));
    const auto merged = merge_trees(graph);
    ASSERT_TRUE(merged.ok()) << merged.error().to_string();
    before += static_cast<std::size_t>(count_tree_nodes(graph).value());
    after += static_cast<std::size_t>(count_tree_nodes(*merged).value());
    const Tensor rows = drawn_rows(seed, 300, 3);
    // Weights are small whole numbers, so that sums are exact in any order.
    EXPECT_EQ(run_ours(*merged, rows), run_ours(graph, rows));
    if (seed < 12) expect_runtime_agrees(*merged, rows);
  }
  EXPECT_LT(after, before * 3 / 4) << "repeated splits and equal leaves are common here";
}

TEST(MergeTrees, AVeryDeepTreeIsWalkedWithoutRecursion) {
  const Forest chain = chain_of(200'000);
  EXPECT_EQ(merge_forest(chain).nodes(), chain.nodes());
}

TEST(MergeTrees, BoostedTreesAnswerAsBefore) {
  for (const std::size_t classes : {0U, 2U, 4U}) {
    SCOPED_TRACE(classes);
    const ForestCase data = boosted(drawn_table(classes), classes);
    // Each tree twice, at half its weight: what a committee of equal members holds.
    Forest twice = read_forest(data.graph.nodes[0]).value();
    for (ForestTree& tree : twice.trees) {
      for (ForestNode& node : tree) {
        for (LeafWeight& w : node.weights) w.value /= 2;
      }
    }
    const std::vector<ForestTree> trees = twice.trees;
    twice.trees.insert(twice.trees.end(), trees.begin(), trees.end());
    Graph doubled = data.graph;
    doubled.nodes[0] = write_forest(twice);
    const auto merged = merge_trees(doubled);
    ASSERT_TRUE(merged.ok()) << merged.error().to_string();
    EXPECT_LE(count_tree_nodes(*merged).value(), count_tree_nodes(data.graph).value());
    expect_near(scores_of(run_ours(data.graph, data.test)), scores_of(run_ours(*merged, data.test)),
                1e-6F, "merged");
    expect_runtime_agrees(*merged, data.test);
  }
}

}  // namespace
}  // namespace tenbin
