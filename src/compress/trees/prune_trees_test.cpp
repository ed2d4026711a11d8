// SPDX-License-Identifier: Apache-2.0
#include "compress/trees/prune_trees.h"

#include "compress/trees/forest_case.h"
#include "compress/trees/forest_rows.h"
#include "compress/trees/merge_trees.h"
#include "compress/trees/tree_nodes.h"

namespace tenbin {
namespace {

Graph pruned(const ForestCase& data, double kept, const PruneTreesOptions& options = {}) {
  const auto out = prune_trees(data.graph, data.train, kept, options);
  EXPECT_TRUE(out.ok()) << out.error().to_string();
  if (!out.ok()) return data.graph;
  const auto before = static_cast<double>(count_tree_nodes(data.graph).value());
  EXPECT_LE(static_cast<double>(count_tree_nodes(*out).value()), std::max(1.0, kept * before));
  EXPECT_EQ(out->nodes[0].outputs, data.graph.nodes[0].outputs);
  return *out;
}

// Mean squared difference of the raw scores on rows that pruning has not seen, over their variance.
double margin_loss(const ForestCase& data, const Graph& graph) {
  const Forest before = read_forest(data.graph.nodes[0]).value();
  const Forest after = read_forest(graph.nodes[0]).value();
  const auto x = margins_of(before, leaves_of(before, data.test));
  const auto y = margins_of(after, leaves_of(after, data.test));
  double mean = 0, error = 0, all = 0;
  for (const double v : x) mean += v / static_cast<double>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    error += (x[i] - y[i]) * (x[i] - y[i]);
    all += (x[i] - mean) * (x[i] - mean);
  }
  return error / all;
}

TEST(PruneTrees, AThirdOfTheNodesAnswersNearlyAsWell) {
  for (const std::size_t classes : {0U, 2U, 4U}) {
    SCOPED_TRACE(classes);
    const ForestCase data = boosted(drawn_table(classes), classes);
    const Graph out = pruned(data, 0.33);
    const double before = quality(data, data.graph), after = quality(data, out);
    EXPECT_GE(after, before - 0.015);
    EXPECT_LT(margin_loss(data, out), 0.03);
    expect_runtime_agrees(out, data.test);
  }
}

TEST(PruneTrees, RefitWinsBackSomeOfWhatACutLoses) {
  const ForestCase data = boosted(drawn_table(0), 0);
  for (const TreeCut cut : {TreeCut::kSplits, TreeCut::kTrees, TreeCut::kLateTrees}) {
    SCOPED_TRACE(OptionText<TreeCut>::print(cut));
    PruneTreesOptions plain;
    plain.cut = cut;
    plain.refit_passes = 0;
    PruneTreesOptions refitted = plain;
    refitted.refit_passes = 20;
    const double lost = margin_loss(data, pruned(data, 0.2, plain));
    const double left = margin_loss(data, pruned(data, 0.2, refitted));
    EXPECT_LT(left, lost);
  }
}

TEST(PruneTrees, TakesTheCheapestSplitFirst) {
  const ForestCase data = boosted(drawn_table(0), 0, {.rounds = 1, .max_depth = 6});
  double last = -1;
  for (const double kept : {1.0, 0.8, 0.6, 0.4, 0.2, 0.01}) {
    PruneTreesOptions plain;
    plain.refit_passes = 0;
    const Graph out = pruned(data, kept, plain);
    const Forest before = read_forest(data.graph.nodes[0]).value();
    const Forest after = read_forest(out.nodes[0]).value();
    const auto x = margins_of(before, leaves_of(before, data.train));
    const auto y = margins_of(after, leaves_of(after, data.train));
    double error = 0;
    for (std::size_t i = 0; i < x.size(); ++i) error += (x[i] - y[i]) * (x[i] - y[i]);
    EXPECT_GT(error, last) << kept;
    last = kept == 1.0 ? -1e-12 : error;
  }
}

TEST(PruneTrees, SplitsThatNoRowReachesAreFree) {
  ForestCase data = boosted(drawn_table(2), 2);
  // All rows are alike: one leaf a tree is enough for them, with its very weight.
  Tensor one(ElementType::kFloat32, {50, 6});
  for (float& x : one.data<float>()) x = 0.4F;
  data.train = one;
  const Graph out = pruned(data, 0.01);
  expect_near(scores_of(run_ours(data.graph, one)), scores_of(run_ours(out, one)), 1e-5F, "alike");
}

TEST(PruneTrees, SharesStayShares) {
  Forest forest = drawn_forest(3, 3, false);
  Random random(8);
  forest.call.attributes["post_transform"] = std::string("NONE");
  for (ForestTree& tree : forest.trees) {
    for (ForestNode& node : tree) {
      if (!node.is_leaf()) continue;
      const auto a = static_cast<float>(random.uniform()) / 12, b = 1.0F / 12 - a;
      node.weights = {{0, a}, {1, b / 4}, {2, b - b / 4}};
    }
  }
  ForestCase data;
  data.graph = graph_of(write_forest(forest), 3, 3);
  data.train = drawn_rows(6, 300, 3);
  const Graph out = pruned(data, 0.3);
  const auto shares = scores_of(run_ours(out, data.train));
  for (std::size_t i = 0; i < shares.size(); i += 3) {
    EXPECT_NEAR(shares[i] + shares[i + 1] + shares[i + 2], 1, 1e-5);
    EXPECT_GE(std::min({shares[i], shares[i + 1], shares[i + 2]}), 0);
  }
  expect_runtime_agrees(out, data.train);
}

TEST(PruneTrees, RealRowsKeepTheirLabels) {
  struct Row {
    const char* file;
    std::size_t columns, classes;
    double kept, most_lost;
  };
  // Of 50 to 190 rows each, so that one row is 0.5 to 2 points. A tenth of the nodes is too few for
  // breast cancer: it costs 2.1 points.
  for (const Row& row :
       {Row{"breast_cancer.csv", 31, 2, 0.5, 0.006}, Row{"breast_cancer.csv", 31, 2, 0.25, 0.011},
        Row{"breast_cancer.csv", 31, 2, 0.1, 0.03}, Row{"wine_data.csv", 14, 3, 0.25, 0.02},
        Row{"iris.csv", 5, 3, 0.1, 0.02}}) {
    SCOPED_TRACE(std::string(row.file) + " " + std::to_string(row.kept));
    const auto rows = table_rows(row.file, row.columns);
    if (rows.empty()) GTEST_SKIP() << row.file << " is not installed";
    const ForestCase data = boosted(rows, row.classes);
    const Graph out = pruned(data, row.kept);
    EXPECT_GE(quality(data, out), quality(data, data.graph) - row.most_lost);
    expect_runtime_agrees(out, data.test);
  }
}

TEST(PruneTrees, RealNumbersAreFoundAsWell) {
  const auto rows = diabetes_rows();
  if (rows.empty()) GTEST_SKIP() << "diabetes_data_raw.csv.gz is not installed";
  ASSERT_EQ(rows.size(), 442U);
  const ForestCase data =
      boosted(rows, 0, {.rounds = 100, .max_depth = 4, .learning_rate = 0.05, .early_stop = 0});
  const double before = quality(data, data.graph);
  const Graph half = pruned(data, 0.5), quarter = pruned(data, 0.25);
  EXPECT_GE(quality(data, half), before - 0.02);
  EXPECT_GE(quality(data, quarter), before - 0.03) << "of few rows, this costs 2.4 points of R2";
  expect_runtime_agrees(quarter, data.test);
}

TEST(PruneTrees, TheRestOfTheGraphStays) {
  ForestCase data = boosted(drawn_table(2), 2, {.rounds = 30});
  data.graph = between_steps(data.graph);
  for (float& x : data.test.data<float>()) x *= 2;
  const auto features = tree_features(data.graph, std::span(&data.test, 1));
  ASSERT_TRUE(features.ok()) << features.error().to_string();
  const auto out = prune_trees(data.graph, *features, 0.3);
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out->nodes.size(), 3U);
  EXPECT_GE(quality(data, *out), quality(data, data.graph) - 0.02);
  expect_runtime_agrees(*out, data.test);
}

TEST(PruneTrees, StopsWhenAsked) {
  const ForestCase data = boosted(drawn_table(0), 0, {.rounds = 10});
  int asked = 0;
  const auto out = prune_trees(data.graph, data.train, 0.5, {}, StopQuestion([&]() -> Status {
                                 if (++asked < 3) return {};
                                 return Error(ErrorCode::kInterrupted, "asked to stop");
                               }));
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().code(), ErrorCode::kInterrupted);
  EXPECT_EQ(asked, 3);
}

TEST(PruneTrees, RefusesWhatItCannotDo) {
  const ForestCase data = boosted(drawn_table(0), 0, {.rounds = 3});
  const auto fails = [](const Graph& graph, const Tensor& rows, double kept,
                        const PruneTreesOptions& options, ErrorCode code, const char* why) {
    const auto out = prune_trees(graph, rows, kept, options);
    ASSERT_FALSE(out.ok()) << why;
    EXPECT_EQ(out.error().code(), code) << why << ": " << out.error().to_string();
  };
  const ErrorCode kBad = ErrorCode::kBadValue;
  fails(data.graph, data.train, 0, {}, kBad, "nothing kept");
  fails(data.graph, data.train, 1.5, {}, kBad, "more than all");
  PruneTreesOptions options;
  options.ridge = -1;
  fails(data.graph, data.train, 0.5, options, kBad, "a negative ridge");
  options = {};
  options.node = "others";
  fails(data.graph, data.train, 0.5, options, kBad, "no such node");
  fails(data.graph, Tensor(ElementType::kFloat32, {0, 6}), 0.5, {}, ErrorCode::kEmptyData,
        "no rows");
  fails(data.graph, Tensor(ElementType::kFloat32, {4, 2}), 0.5, {}, ErrorCode::kInputMismatch,
        "two columns of six");
  Graph mean = data.graph;
  mean.nodes[0].attributes["aggregate_function"] = std::string("AVERAGE");
  fails(mean, data.train, 0.5, {}, ErrorCode::kUnsupportedOp, "a mean of trees");
  Graph chain = data.graph;
  chain.nodes[0] = write_forest(chain_of(1'001));
  fails(chain, data.train, 0.5, {}, ErrorCode::kTooLarge, "a chain");
  chain.nodes[0] = write_forest(chain_of(1'000));
  EXPECT_TRUE(prune_trees(chain, data.train, 0.5).ok());
}

}  // namespace
}  // namespace tenbin
