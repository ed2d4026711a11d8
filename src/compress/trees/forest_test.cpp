// SPDX-License-Identifier: Apache-2.0
#include "compress/trees/forest.h"

#include "compress/trees/forest_case.h"

namespace tenbin {
namespace {

TEST(Forest, ReadAndWrittenAnswersBitByBit) {
  for (const std::size_t classes : {0U, 2U, 3U}) {
    SCOPED_TRACE(classes);
    const Forest drawn = drawn_forest(4 + classes, classes, true);
    const auto outputs = static_cast<std::int64_t>(drawn.outputs);
    const Graph first = graph_of(write_forest(drawn), 3, outputs);
    const auto read = read_forest(first.nodes[0]);
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    EXPECT_EQ(read->nodes(), drawn.nodes());
    EXPECT_EQ(read->named, drawn.named);
    const OpCall again = write_forest(*read);
    EXPECT_EQ(again.attributes, first.nodes[0].attributes);
    const Tensor rows = drawn_rows(1, 200, 3);
    EXPECT_EQ(run_ours(graph_of(again, 3, outputs), rows), run_ours(first, rows));
  }
}

TEST(Forest, LeavesAreThoseOfTheEngine) {
  const Forest forest = drawn_forest(8, 0, true);
  const Tensor rows = drawn_rows(2, 100, 3);
  const auto answers = scores_of(run_ours(graph_of(write_forest(forest), 3, 2), rows));
  for (std::size_t r = 0; r < 100; ++r) {
    float sums[2] = {0, 0};
    for (const ForestTree& tree : forest.trees) {
      const ForestNode& leaf = tree[leaf_of(tree, rows.data<float>().data() + r * 3)];
      for (const LeafWeight& w : leaf.weights) sums[w.output] += w.value;
    }
    ASSERT_EQ(answers[r * 2], sums[0] + 5) << r;
    ASSERT_EQ(answers[r * 2 + 1], sums[1] - 7) << r;
  }
}

// Nodes in any order and trees that take turns, as other exporters write them.
TEST(Forest, ReadsNodesInAnyOrder) {
  const Forest drawn = drawn_forest(11, 3, true);
  OpCall turned = write_forest(drawn);
  for (auto& [name, value] : turned.attributes) {
    if (!name.starts_with("nodes_")) continue;
    if (auto* ints = std::get_if<std::vector<std::int64_t>>(&value)) std::ranges::reverse(*ints);
    if (auto* floats = std::get_if<std::vector<float>>(&value)) std::ranges::reverse(*floats);
    if (auto* texts = std::get_if<std::vector<std::string>>(&value)) std::ranges::reverse(*texts);
  }
  const auto read = read_forest(turned);
  ASSERT_TRUE(read.ok()) << read.error().to_string();
  const Tensor rows = drawn_rows(3, 200, 3);
  EXPECT_EQ(run_ours(graph_of(write_forest(*read), 3, 3), rows),
            run_ours(graph_of(turned, 3, 3), rows));
}

TEST(Forest, KeepsTheMeaningOfALoneScore) {
  Forest forest = drawn_forest(6, 2, false);
  for (ForestTree& tree : forest.trees) {
    for (ForestNode& node : tree) {
      for (LeafWeight& w : node.weights) w.value = std::abs(w.value);
    }
  }
  const Graph margins = graph_of(write_forest(forest), 3, 2);
  const Tensor rows = drawn_rows(4, 100, 3);
  const auto scores = scores_of(run_ours(margins, rows));
  for (const float score : scores) {
    EXPECT_GE(score, 0) << "a logistic of a margin, not one less a margin";
    EXPECT_LE(score, 1);
  }
  expect_runtime_agrees(margins, rows);
  forest.trees.clear();
  const Graph nothing = graph_of(write_forest(forest), 3, 2);
  for (const float score : scores_of(run_ours(nothing, rows))) EXPECT_EQ(score, 0.5F);
  expect_runtime_agrees(nothing, rows);
}

TEST(Forest, RefusesWhatTheEngineDoes) {
  const OpCall good = write_forest(drawn_forest(5, 0, true));
  OpCall bad = good;
  std::get<std::vector<std::int64_t>>(bad.attributes["nodes_truenodeids"])[0] = 1'000;
  EXPECT_EQ(read_forest(bad).error().code(), ErrorCode::kBadModel) << "a child that is not there";
  bad = good;
  std::get<std::vector<std::int64_t>>(bad.attributes["target_ids"])[0] = 2;
  EXPECT_EQ(read_forest(bad).error().code(), ErrorCode::kBadModel) << "a third output of two";
  bad = good;
  bad.attributes["nodes_values_as_tensor"] = Tensor::of<double>({1}, {1.0});
  EXPECT_EQ(read_forest(bad).error().code(), ErrorCode::kUnsupportedOp) << "thresholds in double";
}

}  // namespace
}  // namespace tenbin
