// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/options.h"
#include "plan/paired_proof.h"

namespace tenbin {

// What a smaller model is wanted for.
enum class ShrinkGoal { kLatency, kEnergy, kSize };
template <> struct OptionText<ShrinkGoal> {
  static constexpr const char* kType = "goal";
  static std::string print(ShrinkGoal goal);
  static Result<ShrinkGoal> parse(std::string_view text);  // latency, energy, size
};

// One way to make a model cheaper: methods that are applied one after another.
struct ShrinkRecipe {
  double work_kept = 1;           // by pruning channels and training what is left; 1: all
  bool int8 = false;              // weights and activations on 8-bit grids
  std::string ranges = "minmax";  // how activations were given their grid
  bool repaired = false;          // layers equalised before, biases corrected after
  double error_allowed = 0;       // of the logits; layers that add more stay in float32. 0: none do
  bool where_faster = false;      // layers that run faster as floats stay so
  bool trained = false;           // on its grids, towards the original's answers
  bool rounded = false;           // weights one after another, each making up for those before
  int weight_bits = 0;            // weights alone in so many bits, multiplied as floats; 0: floats
  std::int64_t weight_group = 0;  // of them share a scale; 0: all of an output
  double nodes_kept = 1;          // of tree ensembles, by `tree_cut`; 1: only what no answer needs
  std::string tree_cut = {};      // "trees", "splits", "late-trees", or "distil": new, fewer trees
  double rank_kept = 1;           // of a layer's multiply-adds, by two thin layers, trained; 1: all
  bool rounding_learned = false;  // each weight up or down, as its layer's outputs want it
  bool dynamic = false;           // dense layers on integers whose grid each run finds for itself

  bool prunes() const { return work_kept < 1; }
  bool factors() const { return rank_kept < 1; }
  bool cuts_trees() const { return nodes_kept < 1; }
  // Computes in floats with floats.
  bool in_floats() const { return !int8 && !dynamic && weight_bits == 0; }
  // "prune to 50 % of the work + int8 (mse, repaired)"; "folded" if it changes no number.
  std::string name() const;
  bool operator==(const ShrinkRecipe&) const = default;
};

// What a trial came to on rows kept for choosing. Times are compared with the original's.
struct ShrinkTrial {
  ShrinkRecipe recipe;
  bool ran = false;  // else it failed, and only the recipe counts
  Proven drop;       // of accuracy, as a share of rows (or of R2)
  double times_faster = 1, times_smaller = 1, times_fewer_joules = 1;
};

// All that the choice of the next trial depends on.
struct ShrinkState {
  ShrinkGoal goal = ShrinkGoal::kLatency;
  double max_drop = 0.005;
  bool may_quantise = true, may_prune = true, may_cut_trees = false;
  bool may_train = true;           // rows enough to train on
  std::vector<ShrinkTrial> tried;  // in order
};

// The next trial, cheap ones first: folding, 8 bits with the plain ranges and, where they lose too
// much, with better ones, training on them last, leaving out layers that are slower
// so; then pruning in halves, each with 8 bits too,
// going on from what held and half-way back from what did not, until a half gains next to nothing;
// at last, of the least network that held, layers in two thin ones each, in halves too. Grids that
// each run finds are tried where no fixed ones hold.
// Trees, each way to cut them: in halves in the same manner. Nothing: what is worth trying was
// tried.
std::optional<ShrinkRecipe> next_recipe(const ShrinkState& state);

// Whether a trial's drop leaves hope that the proof holds: the value itself is within the bound.
bool may_hold(const ShrinkTrial& trial, double max_drop);

// Trials worth proving, in that order: of those that may hold and gain at least three per cent of
// what the goal asks for, the best; the best whose upper limit on the rows to choose by holds too;
// the one with the least upper limit. At most three, each once.
std::vector<std::size_t> worth_proving(const ShrinkState& state);

// Of what the goal counts, how many times less the trial takes.
double gain_of(const ShrinkTrial& trial, ShrinkGoal goal);

}  // namespace tenbin
