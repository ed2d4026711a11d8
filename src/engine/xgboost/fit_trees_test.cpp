// SPDX-License-Identifier: Apache-2.0
#include "engine/xgboost/fit_trees.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/onnxruntime/ort_session.h"
#include "engine/session.h"
#include "engine/xgboost/table_case.h"
#include "graph/onnx.h"

namespace tenbin {
namespace {

struct Data {
  std::vector<float> features, targets;
  std::vector<std::int64_t> labels;
  std::size_t columns = 0;
  TreeRows rows(std::size_t begin, std::size_t end) const {
    TreeRows out;
    out.rows = end - begin;
    out.columns = columns;
    out.features = std::span(features).subspan(begin * columns, out.rows * columns);
    if (!labels.empty()) out.labels = std::span(labels).subspan(begin, out.rows);
    if (!targets.empty()) out.targets = std::span(targets).subspan(begin, out.rows);
    return out;
  }
};

// 300 rows of three columns with gaps; the answer depends on columns 0 and 1.
Data synthetic(std::int64_t classes) {
  Data data;
  data.columns = 3;
  std::uint32_t state = 7;
  const auto draw = [&] {
    state = state * 1664525U + 1013904223U;
    return static_cast<float>(state >> 8U) / 16777216.0F;
  };
  for (int i = 0; i < 300; ++i) {
    const float a = draw(), b = draw(), c = draw();
    for (const float x : {a, b, c}) data.features.push_back(draw() < 0.1F ? std::nanf("") : x);
    if (classes == 0) {
      data.targets.push_back(100 + 10 * a - 5 * b);
    } else {
      data.labels.push_back(std::min(
          classes - 1, static_cast<std::int64_t>((a + b) / 2 * static_cast<float>(classes))));
    }
  }
  return data;
}

Model model_of(const TreeFit& fit, std::size_t columns, std::int64_t classes) {
  Model model;
  model.opsets["ai.onnx.ml"] = 3;
  model.graph.nodes = {fit.call};
  model.graph.inputs = {
      {"features", ElementType::kFloat32, {-1, static_cast<std::int64_t>(columns)}}};
  if (classes > 0) {
    model.graph.outputs = {{"label", ElementType::kInt64, {-1}},
                           {"probabilities", ElementType::kFloat32, {-1, classes}}};
  } else {
    model.graph.outputs = {{"value", ElementType::kFloat32, {-1, 1}}};
  }
  return model;
}

// XGBoost's own predictions, our session's and ONNX Runtime's agree within 1e-5.
void expect_agreement(const TreeFit& fit, TreeTask task, std::int64_t classes,
                      const TreeRows& rows) {
  const auto expected = predict_with_xgboost(fit.checkpoint, task, fit.best_round, rows);
  ASSERT_TRUE(expected.ok()) << expected.error().to_string();
  const Model model = model_of(fit, rows.columns, classes);
  const std::vector<Tensor> in = {Tensor::of<float>(
      {static_cast<std::int64_t>(rows.rows), static_cast<std::int64_t>(rows.columns)},
      rows.features)};
  const auto check = [&](Session& session, const char* who) {
    const auto out = session.run(in);
    ASSERT_TRUE(out.ok()) << who << out.error().to_string();
    const auto values = out.value().back().data<float>();
    ASSERT_EQ(values.size(), expected->size()) << who;
    const float scale = classes > 0 ? 1.0F : 100.0F;
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_NEAR(values[i] / scale, expected.value()[i] / scale, 1e-5) << who << " at " << i;
    }
  };
  auto ours = Session::create(model, {});
  ASSERT_TRUE(ours.ok()) << ours.error().to_string();
  check(**ours, "ours");
  const auto bytes = write_onnx(model);
  ASSERT_TRUE(bytes.ok()) << bytes.error().to_string();
  if (!onnxruntime_version().ok()) return;  // the door's own test says why
  auto theirs = create_onnxruntime_session(*bytes, {});
  ASSERT_TRUE(theirs.ok()) << theirs.error().to_string();
  check(**theirs, "onnx runtime");
}

TEST(FitTrees, AllTasksAgreeWithXgboostAndOnnxRuntime) {
  struct Row {
    const char* why;
    TreeTask task;
    std::int64_t classes;
  };
  for (const Row& row : {Row{"two classes", TreeTask::kBinary, 2},
                         Row{"three classes, a tree each a round", TreeTask::kMulticlass, 3},
                         Row{"numbers around 100: base value", TreeTask::kRegression, 0}}) {
    SCOPED_TRACE(row.why);
    const Data data = synthetic(row.classes);
    const auto fit = fit_trees(row.task, row.classes, data.rows(0, 200), data.rows(200, 300),
                               {.rounds = 60, .learning_rate = 0.3, .early_stop = 5});
    ASSERT_TRUE(fit.ok()) << fit.error().to_string();
    EXPECT_LT(fit->curve[static_cast<std::size_t>(fit->best_round) - 1].valid_loss,
              fit->curve[0].valid_loss);
    expect_agreement(*fit, row.task, row.classes, data.rows(200, 300));
  }
}

TEST(FitTrees, LearnsBreastCancer) {
  const auto table = table_rows("breast_cancer.csv", 31);
  if (table.empty()) GTEST_SKIP() << "breast_cancer.csv is not installed";
  Data data;
  data.columns = 30;
  for (const auto& row : table) {
    data.features.insert(data.features.end(), row.begin(), row.end() - 1);
    data.labels.push_back(static_cast<std::int64_t>(row.back()));
  }
  ASSERT_EQ(data.labels.size(), 569U);
  const auto fit = fit_trees(TreeTask::kBinary, 2, data.rows(0, 350), data.rows(350, 569), {});
  ASSERT_TRUE(fit.ok()) << fit.error().to_string();
  EXPECT_LT(fit->curve[static_cast<std::size_t>(fit->best_round) - 1].valid_loss, 0.15);
  expect_agreement(*fit, TreeTask::kBinary, 2, data.rows(350, 569));
}

TEST(FitTrees, StopsWhenAskedAndGoesOn) {
  const Data data = synthetic(2);
  const TreeOptions options{.rounds = 20, .early_stop = 0};
  const auto whole =
      fit_trees(TreeTask::kBinary, 2, data.rows(0, 200), data.rows(200, 300), options);
  ASSERT_TRUE(whole.ok()) << whole.error().to_string();
  int asked = 0;
  TreeHooks hooks;
  hooks.should_stop = [&]() -> std::optional<std::string> {
    return ++asked > 8 ? std::optional<std::string>("time: used up") : std::nullopt;
  };
  const auto part =
      fit_trees(TreeTask::kBinary, 2, data.rows(0, 200), data.rows(200, 300), options, hooks);
  ASSERT_TRUE(part.ok()) << part.error().to_string();
  EXPECT_EQ(part->curve.size(), 8U);
  EXPECT_EQ(part->stopped, "time: used up");
  const auto rest = fit_trees(TreeTask::kBinary, 2, data.rows(0, 200), data.rows(200, 300), options,
                              {}, part->checkpoint);
  ASSERT_TRUE(rest.ok()) << rest.error().to_string();
  EXPECT_EQ(rest->curve.size(), whole->curve.size());
  EXPECT_LT(rest->curve.back().train_loss, part->curve.back().train_loss);
  EXPECT_NEAR(rest->curve.back().valid_loss, whole->curve.back().valid_loss, 0.05);
}

TEST(FitTrees, AResumedRunGivesTheVeryTreesOfAnUnbrokenOne) {
  const Data data = synthetic(2);
  const TreeOptions options{.rounds = 2 * kTreeRoundsKept + 50, .early_stop = 0};
  const auto run = [&](const TreeHooks& hooks, const std::string& resume) {
    return fit_trees(TreeTask::kBinary, 2, data.rows(0, 200), data.rows(200, 300), options, hooks,
                     resume);
  };
  const auto whole = run({}, {});
  ASSERT_TRUE(whole.ok()) << whole.error().to_string();
  std::string kept;
  int asked = 0;
  TreeHooks hooks;
  hooks.keep = [&](const std::string& bytes) -> Status {
    kept = bytes;
    return {};
  };
  hooks.should_stop = [&]() -> std::optional<std::string> {
    return ++asked > kTreeRoundsKept + 30 ? std::optional<std::string>("enough") : std::nullopt;
  };
  const auto part = run(hooks, {});
  ASSERT_TRUE(part.ok()) << part.error().to_string();
  ASSERT_FALSE(kept.empty());
  std::int64_t rounds = 0;
  TreeHooks counting;
  counting.progress = [&](std::int64_t, double, double) { ++rounds; };
  const auto rest = run(counting, kept);
  ASSERT_TRUE(rest.ok()) << rest.error().to_string();
  EXPECT_EQ(rounds, kTreeRoundsKept + 50) << "those before the checkpoint are not done again";
  ASSERT_EQ(rest->curve.size(), whole->curve.size());
  for (std::size_t i = 0; i < whole->curve.size(); ++i) {
    ASSERT_EQ(rest->curve[i].valid_loss, whole->curve[i].valid_loss) << "round " << i + 1;
  }
  EXPECT_EQ(rest->best_round, whole->best_round);
  for (const char* weights : {"nodes_values", "class_weights"}) {
    EXPECT_EQ(rest->call.numbers(weights), whole->call.numbers(weights)) << weights;
  }
}

TEST(FitTrees, RefusesWhatDoesNotFit) {
  const Data data = synthetic(2);
  const TreeRows good = data.rows(0, 200);
  TreeRows short_labels = good;
  short_labels.labels = short_labels.labels.first(10);
  const auto fails = [&](const TreeRows& train, const TreeOptions& options, ErrorCode code,
                         std::string_view resume, const char* why) {
    const auto fit = fit_trees(TreeTask::kBinary, 2, train, good, options, {}, resume);
    ASSERT_FALSE(fit.ok()) << why;
    EXPECT_EQ(fit.error().code(), code) << why << ": " << fit.error().to_string();
  };
  fails(short_labels, {}, ErrorCode::kInputMismatch, {}, "fewer labels than rows");
  fails(TreeRows{}, {}, ErrorCode::kEmptyData, {}, "no rows");
  fails(good, {.rounds = 0}, ErrorCode::kBadValue, {}, "no rounds");
  fails(good, {.learning_rate = 2}, ErrorCode::kBadValue, {}, "a rate above one");
  fails(good, {}, ErrorCode::kBadCheckpoint, "nonsense", "a checkpoint of something else");
  fails(good, {}, ErrorCode::kBadCheckpoint, "tenbin-trees 1 2 1\n0.5 0.5\n", "a cut checkpoint");
  const auto whole = fit_trees(TreeTask::kBinary, 2, good, good, {.rounds = 2}, {});
  ASSERT_TRUE(whole.ok()) << whole.error().to_string();
  std::string longer = whole->checkpoint;
  longer.insert(longer.find('\n'), " 7");
  fails(good, {.rounds = 2}, ErrorCode::kBadCheckpoint, longer, "a head with a number too many");
  longer = whole->checkpoint;
  longer.insert(longer.find('\n', longer.find('\n') + 1), " 7");
  fails(good, {.rounds = 2}, ErrorCode::kBadCheckpoint, longer, "a round with three losses");
}

}  // namespace
}  // namespace tenbin
