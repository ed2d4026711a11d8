// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tensor/op_call.h"

namespace tenbin {

struct TreeOptions {
  std::int64_t rounds = 500;
  std::int64_t max_depth = 6;
  double learning_rate = 0.1;
  double subsample = 0.8;
  double colsample = 1;
  double min_child_weight = 1;
  double lambda = 1;
  std::int64_t early_stop = 30;
  std::uint64_t seed = 1;
  int threads = 1;
  template <class Fields> static void describe(Fields& f) {
    f("rounds", &TreeOptions::rounds, "Most boosting rounds [1..100000].");
    f("max_depth", &TreeOptions::max_depth, "Deepest tree [1..32].");
    f("learning_rate", &TreeOptions::learning_rate, "Share of each tree that is kept (0..1].");
    f("subsample", &TreeOptions::subsample, "Share of the rows a tree sees (0..1].");
    f("colsample", &TreeOptions::colsample, "Share of the columns a tree sees (0..1].");
    f("min_child_weight", &TreeOptions::min_child_weight, "Least sum of Hessians in a leaf.");
    f("lambda", &TreeOptions::lambda, "L2 penalty on leaf values.");
    f("early_stop", &TreeOptions::early_stop,
      "Rounds without a better validation loss before the stop; 0: off.");
    f("seed", &TreeOptions::seed, "Seed of the samples of rows and columns.");
    f("threads", &TreeOptions::threads, "Threads of training [1..usable CPUs].");
  }
};

enum class TreeTask { kBinary, kMulticlass, kRegression };

// Borrowed rows: features [rows, columns] row-major, NaN is missing. `labels` (classes, from 0) for
// classification or `targets` for regression; `weights` per row, or empty.
struct TreeRows {
  std::span<const float> features;
  std::size_t rows = 0, columns = 0;
  std::span<const std::int64_t> labels;
  std::span<const float> targets;
  std::span<const float> weights;
};

// What the trainer asks and tells, between rounds. Any member may be empty.
struct TreeHooks {
  std::function<std::optional<std::string>()> should_stop;  // a text stops before the next round
  std::function<void(std::int64_t round, double train_loss, double valid_loss)> progress;
  // A checkpoint, every kTreeRoundsKept rounds.
  std::function<Status(const std::string& checkpoint)> keep;
};

// XGBoost sums what the trees say of a row as they come; read back, it sums anew, and the last bits
// differ. So the run itself reads its booster back at each checkpoint: what goes on from there is
// what an unbroken run would have done.
inline constexpr std::int64_t kTreeRoundsKept = 100;

struct TreeRound {
  double train_loss = 0, valid_loss = 0;  // log loss, or root of the mean squared error
};

struct TreeFit {
  // TreeEnsembleClassifier: features [rows, columns] -> labels (int64) and probabilities
  // [rows, classes]; or TreeEnsembleRegressor: -> values [rows, 1]. Trees up to the best round
  // only. Inputs "features"; outputs "label" and "probabilities", or "value": rename as needed.
  OpCall call;
  std::vector<TreeRound> curve;
  std::int64_t best_round = 0;         // counted from 1; 0: no round was finished
  std::optional<std::string> stopped;  // what should_stop said
  bool stopped_early = false;          // validation got no better
  std::string checkpoint;  // of the last round; resumed, later trees may differ slightly
};

// Boosts trees with XGBoost (histograms): same rows, options and threads give the same trees.
// `valid` decides the best round; `classes` counts the classes (2 for kBinary, ignored for
// kRegression). `resume`: a checkpoint that `keep` was given in the same run, or empty; the trees
// are then those of an unbroken run. Errors: that of `keep`, kInputMismatch for spans
// that do not fit, kBadValue, kBadCheckpoint, kNonFinite for a target or loss that is not finite.
Result<TreeFit> fit_trees(TreeTask task, std::int64_t classes, const TreeRows& train,
                          const TreeRows& valid, const TreeOptions& options,
                          const TreeHooks& hooks = {}, std::string_view resume = {});

// The same model through XGBoost's own prediction: probabilities [rows, classes] or values
// [rows, 1], using rounds 1 .. best_round. For checks.
Result<std::vector<float>> predict_with_xgboost(std::string_view checkpoint, TreeTask task,
                                                std::int64_t best_round, const TreeRows& rows);

}  // namespace tenbin
