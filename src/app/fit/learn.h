// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "app/fit/export_model.h"
#include "app/fit/networks.h"
#include "app/fit/prepare.h"
#include "app/measure.h"
#include "engine/train.h"
#include "plan/limits.h"

namespace tenbin {

// What training needs of the run around it. All borrowed.
struct LearnContext {
  const FitOptions& options;
  const Limits& limits;  // as the user gave them
  const Prices& prices;
  int threads = 1;
  BudgetWatch& watch;  // stops training so that the closing still fits
  RunRecorder& recorder;
  Meter& meter;
  FileSystem& files;
  Clock& clock;
  FitObserver& observer;
  StopQuestion may_go_on;  // `watch` and the user, for work before the first step
};

// One network that was tried.
struct Tried {
  std::string name, why;
  std::optional<double> valid_score;  // nothing: stopped before it was scored
  std::int64_t epochs = 0;
  Duration time{};
  EnergyEstimate energy;
  bool chosen = false;
  std::string learner = "mlp";            // "cnn", "mlp", "trees" or "committee"
  std::optional<double> valid_loss = {};  // at that score; decides between equal scores
};

// One learner that learn() may train, before anything is.
struct PlannedLearner {
  std::string name, learner;  // learner: "cnn", "mlp" or "trees"
  std::int64_t epochs = 0;    // at most; rounds of trees
};

// The best network, and how it came about.
struct Learned {
  Graph network;  // its output: logits, probabilities of trees, or scaled values
  bool trees = false;
  bool probabilities = false;  // classes: the network gives probabilities, not logits
  TargetScale scale;
  std::string name, why;
  TrainOptions training;
  std::int64_t batch = 0;
  TrainResult result;
  std::vector<double> curve_joules;  // per point of the curve
  std::vector<Tried> tried;
  std::vector<NetworkFacts> networks;  // that could have been trained, whether they were or not
  std::string score_name;              // that validation compared
};

// Images: the strongest CNN that meets the goals and can be trained in the budget. Tables and text:
// a linear model, MLPs and boosted trees, the best on validation.
Result<Learned> learn(const Prepared& prepared, const LearnContext& context);

// What learn() would choose from, in its order. Of images one is trained, of tables all.
Result<std::vector<PlannedLearner>> planned_learners(const Prepared& prepared,
                                                     const FitOptions& options, int threads);

}  // namespace tenbin
