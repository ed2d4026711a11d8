// SPDX-License-Identifier: Apache-2.0
#include "engine/trees/mean_trees.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/session.h"
#include "engine/xgboost/fit_trees.h"

namespace tenbin {
namespace {

constexpr std::int64_t kRows = 120;

struct Rows {
  std::vector<float> features, targets;
  std::vector<std::int64_t> labels;
  TreeRows view() const {
    TreeRows out;
    out.features = features;
    out.rows = static_cast<std::size_t>(kRows);
    out.columns = 2;
    out.labels = labels;
    out.targets = targets;
    return out;
  }
};

Rows some_rows(std::int64_t classes) {
  Rows rows;
  for (std::int64_t i = 0; i < kRows; ++i) {
    const auto a = static_cast<float>(i * 37 % 101), b = static_cast<float>(i * 53 % 89);
    rows.features.insert(rows.features.end(), {a, i % 11 == 0 ? std::nanf("") : b});
    if (classes == 0)
      rows.targets.push_back(a - b);
    else
      rows.labels.push_back((i * 37 % 101 + i * 53 % 89) % classes);
  }
  return rows;
}

OpCall trees_of(TreeTask task, std::int64_t classes, const Rows& rows, std::uint64_t seed) {
  TreeOptions options;
  options.rounds = 4 + static_cast<std::int64_t>(seed);
  options.max_depth = 3;
  options.subsample = 0.5;
  options.seed = seed;
  TreeRows view = rows.view();
  if (task == TreeTask::kRegression && seed == 2) {  // other rows: another base value
    view.rows = 60;
    view.features = view.features.first(120);
    view.targets = view.targets.first(60);
  }
  auto fit = fit_trees(task, classes, view, rows.view(), options);
  EXPECT_TRUE(fit.ok()) << fit.error().to_string();
  return fit->call;
}

std::vector<float> run(const OpCall& call, const Rows& rows) {
  Model model;
  model.opsets["ai.onnx.ml"] = 3;
  model.graph.inputs = {{"features", ElementType::kFloat32, {-1, 2}, true}};
  model.graph.nodes = {call};
  model.graph.outputs = {{call.outputs.back(), ElementType::kFloat32, {-1, -1}, true}};
  const auto session = Session::create(model, {1});
  EXPECT_TRUE(session.ok()) << session.error().to_string();
  const std::vector<Tensor> in = {
      Tensor::of<float>({kRows, 2}, std::span<const float>(rows.features))};
  const auto out = (*session)->run(in);
  EXPECT_TRUE(out.ok()) << out.error().to_string();
  const auto values = out->front().data<float>();
  return {values.begin(), values.end()};
}

TEST(MeanTrees, RegressorsGiveTheMeanOfTheirValues) {
  const Rows rows = some_rows(0);
  const std::vector<OpCall> calls = {trees_of(TreeTask::kRegression, 0, rows, 1),
                                     trees_of(TreeTask::kRegression, 0, rows, 2)};
  const auto mean = mean_of_trees(calls);
  ASSERT_TRUE(mean.ok()) << mean.error().to_string();
  const auto a = run(calls[0], rows), b = run(calls[1], rows), both = run(*mean, rows);
  double differ = 0;
  for (std::size_t i = 0; i < both.size(); ++i) {
    EXPECT_NEAR(both[i], (a[i] + b[i]) / 2, 1e-3) << "row " << i;
    differ = std::max(differ, std::fabs(static_cast<double>(a[i] - b[i])));
  }
  EXPECT_GT(differ, 1) << "the two must differ, or the test says nothing";
}

TEST(MeanTrees, ClassifiersMeetBeforeTheSoftmax) {
  for (const std::int64_t classes : {2, 3}) {
    const Rows rows = some_rows(classes);
    const TreeTask task = classes == 2 ? TreeTask::kBinary : TreeTask::kMulticlass;
    const std::vector<OpCall> calls = {trees_of(task, classes, rows, 1),
                                       trees_of(task, classes, rows, 2),
                                       trees_of(task, classes, rows, 3)};
    const auto mean = mean_of_trees(calls);
    ASSERT_TRUE(mean.ok()) << mean.error().to_string();
    std::vector<std::vector<float>> parts;
    for (const OpCall& call : calls) parts.push_back(run(call, rows));
    const auto both = run(*mean, rows);
    const auto width = static_cast<std::size_t>(classes);
    for (std::size_t row = 0; row < static_cast<std::size_t>(kRows); ++row) {
      // Mean margins are means of log probabilities, up to what the softmax takes away.
      std::vector<double> logs(width, 0);
      double sum = 0;
      for (std::size_t k = 0; k < width; ++k) {
        for (const auto& part : parts) {
          logs[k] += std::log(static_cast<double>(part[row * width + k])) / 3;
        }
        sum += std::exp(logs[k]);
      }
      for (std::size_t k = 0; k < width; ++k) {
        EXPECT_NEAR(both[row * width + k], std::exp(logs[k]) / sum, 1e-5)
            << classes << " classes, row " << row;
      }
    }
  }
}

TEST(MeanTrees, RefusesWhatDiffersInKind) {
  const OpCall two = trees_of(TreeTask::kBinary, 2, some_rows(2), 1);
  const OpCall three = trees_of(TreeTask::kMulticlass, 3, some_rows(3), 1);
  const OpCall value = trees_of(TreeTask::kRegression, 0, some_rows(0), 1);
  EXPECT_FALSE(mean_of_trees(std::vector<OpCall>{}).ok()) << "none";
  EXPECT_FALSE(mean_of_trees(std::vector<OpCall>{two, three}).ok()) << "other classes";
  EXPECT_FALSE(mean_of_trees(std::vector<OpCall>{value, two}).ok()) << "another operator";
}

}  // namespace
}  // namespace tenbin
