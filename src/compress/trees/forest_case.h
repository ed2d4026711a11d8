// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "compress/trees/forest.h"
#include "data/compression/expand.h"
#include "engine/onnxruntime/ort_session.h"
#include "engine/session.h"
#include "engine/xgboost/fit_trees.h"
#include "engine/xgboost/table_case.h"
#include "graph/onnx.h"

// Tree ensembles, drawn and boosted, for tests of what makes them cheaper.
namespace tenbin {

struct ForestCase {
  Graph graph;
  Tensor train, test;               // [n, columns]
  std::vector<float> test_answers;  // classes or targets
  std::size_t classes = 0;          // 0: regression
};

inline Graph graph_of(const OpCall& call, std::int64_t columns, std::int64_t outputs) {
  Graph graph;
  graph.nodes = {call};
  graph.inputs = {{call.inputs[0], ElementType::kFloat32, {-1, columns}}};
  if (call.outputs.size() == 2) {
    graph.outputs = {{call.outputs[0], ElementType::kInt64, {-1}},
                     {call.outputs[1], ElementType::kFloat32, {-1, outputs}}};
  } else {
    graph.outputs = {{call.outputs[0], ElementType::kFloat32, {-1, outputs}}};
  }
  return graph;
}

inline Model model_of(const Graph& graph) {
  Model model;
  model.opsets["ai.onnx.ml"] = 3;
  model.graph = graph;
  return model;
}

// Everything that comes out.
inline std::vector<Tensor> run_by(Result<std::unique_ptr<Session>> session, const Tensor& rows) {
  EXPECT_TRUE(session.ok()) << session.error().to_string();
  if (!session.ok()) return {};
  auto out = (*session)->run(std::span(&rows, 1));
  EXPECT_TRUE(out.ok()) << out.error().to_string();
  return out.ok() ? std::move(*out) : std::vector<Tensor>{};
}
inline std::vector<Tensor> run_ours(const Graph& graph, const Tensor& rows) {
  return run_by(Session::create(model_of(graph), {}), rows);
}

// Scores or values, the last output.
inline std::vector<float> scores_of(const std::vector<Tensor>& outputs) {
  if (outputs.empty()) return {};
  const auto data = outputs.back().data<float>();
  return {data.begin(), data.end()};
}

inline void expect_near(const std::vector<float>& wanted, const std::vector<float>& found,
                        float tolerance, const char* who) {
  ASSERT_EQ(wanted.size(), found.size()) << who;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_NEAR(wanted[i], found[i], tolerance * std::max(1.0F, std::abs(wanted[i])))
        << who << " at " << i;
  }
}

// ONNX Runtime reads the written graph and gives our labels and scores.
inline void expect_runtime_agrees(const Graph& graph, const Tensor& rows) {
  if (!onnxruntime_version().ok()) return;  // the door's own test says why
  const auto bytes = write_onnx(model_of(graph));
  ASSERT_TRUE(bytes.ok()) << bytes.error().to_string();
  const auto theirs = run_by(create_onnxruntime_session(*bytes, {}), rows);
  const auto ours = run_ours(graph, rows);
  ASSERT_EQ(theirs.size(), ours.size());
  expect_near(scores_of(ours), scores_of(theirs), 1e-5F, "onnx runtime");
  if (ours.size() == 2) {
    EXPECT_EQ(ours[0], theirs[0]) << "labels";
  }
}

// A random tree: thresholds from few values, so that splits repeat on the way down.
inline void grow(Random& random, ForestTree& tree, int depth, std::size_t columns,
                 const std::vector<std::size_t>& outputs, bool all_modes) {
  const std::size_t here = tree.size();
  tree.emplace_back();
  if (depth == 0 || random.uniform() < 0.15) {
    for (const std::size_t output : outputs) {
      tree[here].weights.push_back({output, static_cast<float>(random.below(3)) - 1.0F});
    }
    return;
  }
  tree[here].mode = all_modes ? static_cast<BranchMode>(random.below(6)) : BranchMode::kLess;
  tree[here].feature = random.below(columns);
  tree[here].threshold = static_cast<float>(random.below(4));
  tree[here].missing_is_yes = random.below(2) == 1;
  tree[here].yes = tree.size();
  grow(random, tree, depth - 1, columns, outputs, all_modes);
  tree[here].no = tree.size();
  grow(random, tree, depth - 1, columns, outputs, all_modes);
}

// `classes` 0: a regressor of two targets.
inline Forest drawn_forest(std::uint64_t seed, std::size_t classes, bool all_modes) {
  Random random(seed);
  Forest forest;
  forest.outputs = classes == 0 ? 2 : classes;
  forest.call.domain = "ai.onnx.ml";
  forest.call.name = "trees";
  forest.call.inputs = {"features"};
  forest.call.op = classes == 0 ? "TreeEnsembleRegressor" : "TreeEnsembleClassifier";
  if (classes == 0) {
    forest.call.outputs = {"value"};
    forest.call.attributes["n_targets"] = std::int64_t{2};
    forest.call.attributes["base_values"] = std::vector<float>{5, -7};
  } else {
    forest.call.outputs = {"label", "scores"};
    std::vector<std::int64_t> labels;
    for (std::size_t k = 0; k < classes; ++k) labels.push_back(static_cast<std::int64_t>(10 * k));
    forest.call.attributes["classlabels_int64s"] = labels;
    forest.call.attributes["post_transform"] = std::string(classes == 2 ? "LOGISTIC" : "SOFTMAX");
  }
  forest.named.assign(forest.outputs, false);
  for (int t = 0; t < 12; ++t) {
    // Two classes have one score, which exporters write under the first.
    std::vector<std::size_t> outputs = {classes == 2 ? 0 : random.below(forest.outputs)};
    if (classes == 0) outputs = {0, 1};
    for (const std::size_t output : outputs) forest.named[output] = true;
    grow(random, forest.trees.emplace_back(), 5, 3, outputs, all_modes);
  }
  forest.all_positive = false;
  return forest;
}

// One tree whose splits hang from each other, of 6 columns and one target.
inline Forest chain_of(std::size_t splits) {
  Forest forest = drawn_forest(1, 0, false);
  forest.call.attributes["n_targets"] = std::int64_t{1};
  forest.call.attributes["base_values"] = std::vector<float>{0};
  forest.outputs = 1;
  forest.named = {true};
  ForestTree tree;
  for (std::size_t i = 0; i <= splits; ++i) {
    ForestNode split, leaf;
    leaf.weights = {{0, static_cast<float>(i)}};
    if (i < splits) {
      split.mode = BranchMode::kGreater;
      split.threshold = static_cast<float>(i) / static_cast<float>(splits);
      split.feature = 5;
      split.yes = tree.size() + 1;
      split.no = 2 * splits - i;
      tree.push_back(split);
    } else {
      tree.push_back(leaf);
    }
  }
  for (std::size_t i = splits; i-- > 0;) {
    ForestNode leaf;
    leaf.weights = {{0, static_cast<float>(i)}};
    tree.push_back(leaf);
  }
  forest.trees = {tree};
  return forest;
}

// Values on thresholds, between and outside them, missing and infinite.
inline Tensor drawn_rows(std::uint64_t seed, std::size_t n, std::size_t columns) {
  Random random(seed, 9);
  Tensor rows(ElementType::kFloat32,
              {static_cast<std::int64_t>(n), static_cast<std::int64_t>(columns)});
  for (float& x : rows.data<float>()) {
    x = static_cast<float>(random.below(11)) / 2 - 1;
    const auto special = random.below(20);
    if (special < 3) x = std::numeric_limits<float>::quiet_NaN();
    if (special == 3) x = std::numeric_limits<float>::infinity();
    if (special == 4) x = -std::numeric_limits<float>::infinity();
  }
  return rows;
}

// How far diabetes went in a year, by ten measures; empty where it is not installed.
inline std::vector<std::vector<float>> diabetes_rows() {
  std::string words[2];
  const char* const names[] = {"diabetes_data_raw.csv.gz", "diabetes_target.csv.gz"};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto text = expand_bytes(table_text(names[i]), {1 << 20, false, {}});
    EXPECT_TRUE(text.ok()) << names[i];
    if (!text.ok() || text->empty()) return {};
    words[i] = *text;
  }
  std::vector<std::vector<float>> rows;
  const char *x = words[0].c_str(), *y = words[1].c_str();
  const auto next = [](const char*& p) {
    char* end = nullptr;
    const float number = std::strtof(p, &end);
    const bool some = end != p;
    p = end;
    return some ? std::optional<float>(number) : std::nullopt;
  };
  while (const auto answer = next(y)) {
    auto& row = rows.emplace_back();
    for (int k = 0; k < 10; ++k) row.push_back(next(x).value_or(std::nanf("")));
    row.push_back(*answer);
  }
  return rows;
}

// XGBoost on two thirds of the rows (in an order that is drawn once); the rest is for tests.
inline ForestCase boosted(std::vector<std::vector<float>> rows, std::size_t classes,
                          TreeOptions options = {.rounds = 100, .max_depth = 5, .early_stop = 0}) {
  std::vector<std::int64_t> order(rows.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
  Random(3).shuffle(order);
  const std::size_t columns = rows.front().size() - 1, cut = rows.size() * 2 / 3;
  std::vector<float> features, targets;
  std::vector<std::int64_t> labels;
  for (const std::int64_t i : order) {
    const auto& row = rows[static_cast<std::size_t>(i)];
    features.insert(features.end(), row.begin(), row.end() - 1);
    targets.push_back(row.back());
    labels.push_back(static_cast<std::int64_t>(row.back()));
  }
  const auto part = [&](std::size_t begin, std::size_t end) {
    return Tensor::of<float>(
        {static_cast<std::int64_t>(end - begin), static_cast<std::int64_t>(columns)},
        std::span<const float>(features).subspan(begin * columns, (end - begin) * columns));
  };
  ForestCase out;
  out.classes = classes;
  out.train = part(0, cut);
  out.test = part(cut, rows.size());
  out.test_answers.assign(targets.begin() + static_cast<std::ptrdiff_t>(cut), targets.end());
  TreeRows train;
  train.rows = cut;
  train.columns = columns;
  train.features = out.train.data<float>();
  if (classes > 0) {
    train.labels = std::span(labels).first(cut);
  } else {
    train.targets = std::span(targets).first(cut);
  }
  const TreeTask task = classes == 0   ? TreeTask::kRegression
                        : classes == 2 ? TreeTask::kBinary
                                       : TreeTask::kMulticlass;
  const auto fit = fit_trees(task, static_cast<std::int64_t>(classes), train, train, options);
  EXPECT_TRUE(fit.ok()) << fit.error().to_string();
  out.graph = graph_of(fit->call, static_cast<std::int64_t>(columns),
                       static_cast<std::int64_t>(std::max<std::size_t>(classes, 1)));
  return out;
}

// The graph with its rows halved before the trees read them, and its last output doubled behind.
inline Graph between_steps(const Graph& graph) {
  Graph out = graph;
  const auto call = [](const char* op, const char* name, std::vector<std::string> inputs,
                       const std::string& output) {
    OpCall made;
    made.op = op;
    made.name = name;
    made.inputs = std::move(inputs);
    made.outputs = {output};
    return made;
  };
  const std::string read = out.inputs[0].name, made = out.outputs.back().name;
  out.inputs[0].name = "rows";
  out.initializers["half"] = Tensor::of<float>({1}, {0.5F});
  out.nodes.insert(out.nodes.begin(), call("Mul", "before", {"rows", "half"}, read));
  out.outputs.back().name = "twice";
  out.nodes.push_back(call("Add", "after", {made, made}, "twice"));
  return out;
}

// Share of right labels, or R2, on the rows for tests.
inline double quality(const ForestCase& data, const Graph& graph) {
  const auto out = run_ours(graph, data.test);
  if (out.empty()) return 0;
  const std::size_t n = data.test_answers.size();
  if (data.classes > 0) {
    std::size_t right = 0;
    for (std::size_t i = 0; i < n; ++i) {
      right += out[0].data<std::int64_t>()[i] == static_cast<std::int64_t>(data.test_answers[i]);
    }
    return static_cast<double>(right) / static_cast<double>(n);
  }
  double mean = 0, error = 0, all = 0;
  for (const float y : data.test_answers) mean += static_cast<double>(y) / static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto y = static_cast<double>(data.test_answers[i]);
    error += std::pow(static_cast<double>(out[0].data<float>()[i]) - y, 2);
    all += std::pow(y - mean, 2);
  }
  return 1 - error / all;
}

}  // namespace tenbin
