// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/shrink/shrink_rows.h"
#include "base/result.h"
#include "base/stop_question.h"
#include "graph/graph.h"
#include "plan/shrink_plan.h"

namespace tenbin {

class BudgetWatch;
class Clock;
class FitObserver;
class FolderRun;
class TrialStore;
struct ShrinkOptions;

// A model made by a recipe.
struct ShrunkModel {
  Model model;
  std::int64_t macs = 0, parameters = 0;  // of its network; nodes of its trees as parameters
  std::vector<std::string> notes;         // what was left as it is, what was cut, a line each
};

// What candidates are made from. Borrowed for the life of their maker.
struct CandidateSource {
  const ShrinkOptions& options;
  const Model& model;
  const ShrinkRows& rows;
  FolderRun& run;
  BudgetWatch& search;  // what the search may use
  Clock& clock;
  FitObserver& observer;
  TrialStore& store;
  StopQuestion may_go_on;
};

// Makes models of recipes, for one kind of model; keeps what it learned on the way, so that the
// next recipe goes on from there.
class Candidates {
 public:
  virtual ~Candidates() = default;
  // The original's counts, as ShrunkModel has them.
  virtual std::int64_t macs() const = 0;
  virtual std::int64_t parameters() const = 0;
  // Says which methods there are for this model, and why others are not.
  virtual std::vector<std::string> allow(ShrinkState& state) const = 0;
  // Errors: those of the methods; kBudgetExceeded, kInterrupted.
  virtual Result<ShrunkModel> make(const ShrinkRecipe& recipe) = 0;
};

// For a model with one network of layers from floats or tokens to floats. Errors: those of
// network_of and of running its first rows.
Result<std::unique_ptr<Candidates>> network_candidates(const CandidateSource& source);

// For a model with one tree ensemble. Errors: those of find_tree_node.
Result<std::unique_ptr<Candidates>> tree_candidates(const CandidateSource& source);

// Of the kind that the model is. Error kUnsupportedOp: it is neither, with the reason of both.
Result<std::unique_ptr<Candidates>> candidates_of(const CandidateSource& source);

}  // namespace tenbin
