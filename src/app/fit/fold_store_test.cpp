// SPDX-License-Identifier: Apache-2.0
#include "app/fit/fold_store.h"

#include <gtest/gtest.h>

#include "app/fit/learn_folds.h"
#include "app/fit/test_run.h"
#include "graph/nets/nets.h"
#include "graph/onnx.h"

namespace tenbin {
namespace {

std::string bytes_of(const Graph& graph) {
  Model model;
  model.graph = graph;
  return write_onnx(model).value();
}

struct KeptFolds : testing::Test, RunForTests {};

TEST_F(KeptFolds, AreFoundAsTheyWereKeptAndByTheirKeyAlone) {
  FoldStore first(files, folder.path(), "rows 1", false);
  const auto kept = first.keep(0, 3, *make_mlp(4, {3}, 2, 1));
  ASSERT_TRUE(kept.ok()) << kept.error().to_string();
  const std::string path = folder / "fold-0-3.bin";
  const std::string stored = files.read_text(path, 1 << 20).value();
  std::string damaged = stored, foreign = stored;
  damaged[stored.size() - 9] ^= 1;
  foreign[0] = 'X';
  const struct {
    const char* why;
    const char* key;
    bool resume;
    std::string content;
    bool found;
  } rows[] = {
      {"the same rows and settings", "rows 1", true, stored, true},
      {"without --resume all is learned anew", "rows 1", false, stored, false},
      {"other rows or settings", "rows 2", true, stored, false},
      {"a weight that was altered", "rows 1", true, damaged, false},
      {"another file", "rows 1", true, foreign, false},
      {"a cut one", "rows 1", true, stored.substr(0, stored.size() - 1), false},
      {"an empty one", "rows 1", true, "", false},
  };
  for (const auto& row : rows) {
    ASSERT_TRUE(files.write_durable(path, row.content).ok());
    FoldStore store(files, folder.path(), row.key, row.resume);
    const auto found = store.find(0, 3);
    EXPECT_EQ(found.has_value(), row.found) << row.why;
    if (found) {
      EXPECT_EQ(bytes_of(*found), bytes_of(*kept)) << row.why;
    }
    EXPECT_FALSE(store.find(1, 3).has_value()) << "another learner";
    store.clear();
    EXPECT_EQ(files.exists(path), !row.found) << row.why << ": only its own are taken away";
  }
}

// Two learners of five folds; the run is stopped before each of them once, and resumed.
TEST_F(KeptFolds, AResumedRunLearnsTheRestAndEndsWithTheSameModel) {
  constexpr std::int64_t kRows = 60;
  Prepared p;
  p.target.task = Task::kBinary;
  p.target.class_names = {"a", "b"};
  RowSet train, valid;
  train.features = Tensor(ElementType::kFloat32, {kRows, 2});
  valid.features = Tensor(ElementType::kFloat32, {kRows, 2});
  for (std::int64_t i = 0; i < kRows; ++i) {
    for (RowSet* set : {&train, &valid}) {
      set->features.data<float>()[static_cast<std::size_t>(2 * i)] = static_cast<float>(i % 7);
      set->features.data<float>()[static_cast<std::size_t>(2 * i + 1)] = static_cast<float>(i % 5);
      set->answers.labels.push_back(i % 2);
    }
  }
  Limits limits;
  BudgetWatch watch(limits, Prices{}, *meter, clock, clock.steady_now());
  int fits = 0;
  const auto run = [&](const std::string& out, bool resume, int stop_after) {
    FitOptions options;
    options.output = out;
    options.resume = resume;
    EXPECT_TRUE(files.make_folders(out).ok());
    const Prices prices;
    const LearnContext context{options, limits, prices, 1,        watch, *recorder,
                               *meter,  files,  clock,  observer, {}};
    fits = 0;
    std::vector<FoldLearner> learners;
    for (const std::int64_t hidden : {3, 4}) {
      learners.push_back({"mlp " + std::to_string(hidden),
                          [&, hidden](const RowSet& rows, const RowSet&) -> Result<Graph> {
                            if (fits == stop_after) return Error(ErrorCode::kInterrupted, "stop");
                            ++fits;
                            const auto seed = static_cast<std::uint64_t>(
                                rows.features.shape()[0] * 10 + rows.answers.labels.front());
                            return make_mlp(2, {hidden}, 2, seed);
                          }});
    }
    Learned learned;
    learned.name = "of validation";
    EXPECT_TRUE(improve_by_folds(learners, train, valid, p, context, learned).ok());
    return learned;
  };
  constexpr int kNever = 1'000;
  const Learned whole = run(folder / "whole", false, kNever);
  ASSERT_EQ(fits, 10);
  EXPECT_NE(whole.name, "of validation");
  for (int stop = 0; stop < 10; ++stop) {
    const std::string out = folder / ("stopped-" + std::to_string(stop));
    EXPECT_EQ(run(out, false, stop).name, "of validation") << "a part is no cross-validation";
    const Learned rest = run(out, true, kNever);
    EXPECT_EQ(fits, 10 - stop) << "finished folds are not learned again";
    EXPECT_EQ(rest.name, whole.name) << stop;
    EXPECT_EQ(bytes_of(rest.network), bytes_of(whole.network)) << stop;
    EXPECT_TRUE(files.list(out).value().empty()) << "nothing stays behind";
  }
  EXPECT_NE(observer.told.find("9 folds were done before the stop"), std::string::npos);
}

}  // namespace
}  // namespace tenbin
