// SPDX-License-Identifier: Apache-2.0
#include "compress/trees/distil_trees.h"

#include "compress/trees/forest_case.h"
#include "compress/trees/tree_nodes.h"

namespace tenbin {
namespace {

const TreeOptions kSmall = {.rounds = 40, .max_depth = 4, .learning_rate = 0.2, .early_stop = 0};

TEST(DistilTrees, SmallerTreesAnswerNearlyAsWell) {
  for (const std::size_t classes : {0U, 2U, 4U}) {
    SCOPED_TRACE(classes);
    const ForestCase data =
        boosted(drawn_table(classes), classes, {.rounds = 200, .max_depth = 6, .early_stop = 0});
    const auto out = distil_trees(data.graph, data.train, kSmall);
    ASSERT_TRUE(out.ok()) << out.error().to_string();
    EXPECT_LT(count_tree_nodes(*out).value() * 6, count_tree_nodes(data.graph).value());
    EXPECT_GE(quality(data, *out), quality(data, data.graph) - 0.03);
    const OpCall &old_call = data.graph.nodes[0], &new_call = out->nodes[0];
    EXPECT_EQ(new_call.op, old_call.op);
    EXPECT_EQ(new_call.outputs, old_call.outputs);
    for (const char* key : {"post_transform", "classlabels_int64s", "base_values", "n_targets"}) {
      const Attribute *before = old_call.find(key), *after = new_call.find(key);
      EXPECT_TRUE(before == nullptr ? after == nullptr : after && *before == *after) << key;
    }
    expect_runtime_agrees(*out, data.test);
  }
}

TEST(DistilTrees, RealRowsKeepTheirLabels) {
  struct Row {
    const char* file;
    std::size_t columns, classes;
    double most_lost;
  };
  for (const Row& row : {Row{"breast_cancer.csv", 31, 2, 0.02}, Row{"wine_data.csv", 14, 3, 0.04},
                         Row{"iris.csv", 5, 3, 0.04}}) {
    SCOPED_TRACE(row.file);
    const auto rows = table_rows(row.file, row.columns);
    if (rows.empty()) GTEST_SKIP() << row.file << " is not installed";
    const ForestCase data = boosted(rows, row.classes);
    const auto out = distil_trees(data.graph, data.train, kSmall);
    ASSERT_TRUE(out.ok()) << out.error().to_string();
    EXPECT_GE(quality(data, *out), quality(data, data.graph) - row.most_lost);
    expect_runtime_agrees(*out, data.test);
  }
}

TEST(DistilTrees, RealNumbersAreFoundAsWell) {
  const auto rows = diabetes_rows();
  if (rows.empty()) GTEST_SKIP() << "diabetes_data_raw.csv.gz is not installed";
  const ForestCase data =
      boosted(rows, 0, {.rounds = 100, .max_depth = 4, .learning_rate = 0.05, .early_stop = 0});
  TreeOptions student = kSmall;
  student.max_depth = 3;
  const auto out = distil_trees(data.graph, data.train, student);
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_LT(count_tree_nodes(*out).value() * 3, count_tree_nodes(data.graph).value());
  EXPECT_GE(quality(data, *out), quality(data, data.graph) - 0.03);
}

TEST(DistilTrees, TheRestOfTheGraphStays) {
  ForestCase data = boosted(drawn_table(4), 4, {.rounds = 30});
  data.graph = between_steps(data.graph);
  for (float& x : data.train.data<float>()) x *= 2;
  for (float& x : data.test.data<float>()) x *= 2;
  const auto features = tree_features(data.graph, std::span(&data.train, 1));
  ASSERT_TRUE(features.ok()) << features.error().to_string();
  const auto out = distil_trees(data.graph, *features, kSmall);
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out->nodes.size(), 3U);
  EXPECT_GE(quality(data, *out), quality(data, data.graph) - 0.03);
  expect_runtime_agrees(*out, data.test);
}

// One score under the first of two classes, as other exporters write it, and trees of any modes.
TEST(DistilTrees, ALoneScoreStaysAMargin) {
  ForestCase data;
  data.graph = graph_of(write_forest(drawn_forest(7, 2, true)), 3, 2);
  data.train = drawn_rows(3, 400, 3);
  for (float& x : data.train.data<float>()) x = std::isinf(x) ? 0 : x;
  // Splits on equality are hard to imitate: the student is larger here.
  const auto out =
      distil_trees(data.graph, data.train, {.rounds = 200, .max_depth = 6, .learning_rate = 0.3});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  const auto before = run_ours(data.graph, data.train), after = run_ours(*out, data.train);
  // Weights are small whole numbers: many margins are 0, where the least change turns the label.
  std::size_t clear = 0, same = 0;
  for (std::size_t i = 0; i < 400; ++i) {
    if (before[1].data<float>()[2 * i] == 0.5F) continue;
    ++clear;
    same += before[0].data<std::int64_t>()[i] == after[0].data<std::int64_t>()[i] ? 1 : 0;
  }
  EXPECT_GE(same * 100, clear * 97);
  expect_runtime_agrees(*out, data.train);
}

TEST(DistilTrees, RefusesWhatItCannotDo) {
  const ForestCase data = boosted(drawn_table(0), 0, {.rounds = 3});
  const auto fails = [](const Graph& graph, const Tensor& rows, ErrorCode code, const char* why) {
    const auto out = distil_trees(graph, rows, kSmall);
    ASSERT_FALSE(out.ok()) << why;
    EXPECT_EQ(out.error().code(), code) << why << ": " << out.error().to_string();
  };
  fails(data.graph, Tensor(ElementType::kFloat32, {9, 6}), ErrorCode::kTooFewRows, "nine rows");
  fails(data.graph, Tensor(ElementType::kFloat32, {0, 6}), ErrorCode::kEmptyData, "no rows");
  fails(data.graph, Tensor(ElementType::kFloat32, {40, 2}), ErrorCode::kInputMismatch,
        "two columns");
  Graph mean = data.graph;
  mean.nodes[0].attributes["aggregate_function"] = std::string("MAX");
  fails(mean, data.train, ErrorCode::kUnsupportedOp, "the greatest of trees");
  Forest shares = drawn_forest(6, 2, false);
  for (ForestTree& tree : shares.trees) {
    for (ForestNode& node : tree) {
      for (LeafWeight& w : node.weights) w.value = std::abs(w.value) / 12;
    }
  }
  shares.all_positive = true;
  fails(graph_of(write_forest(shares), 3, 2), drawn_rows(1, 40, 3), ErrorCode::kUnsupportedOp,
        "a lone share");
}

TEST(DistilTrees, StopsWhenAsked) {
  const ForestCase data = boosted(drawn_table(0), 0, {.rounds = 3});
  int asked = 0;
  const auto out = distil_trees(data.graph, data.train, kSmall, {}, StopQuestion([&]() -> Status {
                                  if (++asked < 5) return {};
                                  return Error(ErrorCode::kBudgetExceeded, "used up");
                                }));
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().code(), ErrorCode::kBudgetExceeded);
  EXPECT_EQ(asked, 5);
}

}  // namespace
}  // namespace tenbin
