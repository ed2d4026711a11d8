// SPDX-License-Identifier: Apache-2.0
#include "plan/shrink_plan.h"

#include <algorithm>
#include <cmath>

#include "base/nearest_name.h"
#include "base/units.h"

namespace tenbin {
namespace {

constexpr double kLeastKept = 0.02;   // of the MACs
constexpr double kFirstKept = 0.5;    // half of the work is worth a training
constexpr double kFinestStep = 1.25;  // between what held and what did not
constexpr double kWorthProving = 1.03;
constexpr double kSameGain = 0.97;      // of the best: told from it by noise alone
constexpr double kWorthHalving = 1.03;  // what the last half must have gained for another one
constexpr std::int64_t kWeightGroup = 32;
constexpr double kLeastRank = 0.1;    // of a layer's multiply-adds
constexpr double kLeastNodes = 0.01;  // of the trees
constexpr const char* kTreeCuts[] = {"trees", "splits", "late-trees", "distil"};
constexpr struct {
  const char* name;
  ShrinkGoal goal;
} kGoals[] = {{"latency", ShrinkGoal::kLatency},
              {"energy", ShrinkGoal::kEnergy},
              {"size", ShrinkGoal::kSize}};

const ShrinkTrial* find(const ShrinkState& state, const ShrinkRecipe& recipe) {
  for (const ShrinkTrial& trial : state.tried) {
    if (trial.recipe == recipe) return &trial;
  }
  return nullptr;
}

// Not slower by more than a quick look can mistake: nothing slower is shipped, whatever the goal.
bool is_level(const ShrinkTrial& trial) { return trial.times_faster >= 0.96; }

bool holds(const ShrinkState& state, const ShrinkTrial& trial) {
  return trial.ran && may_hold(trial, state.max_drop);
}

// `base` with better and better grids.
std::vector<ShrinkRecipe> int8_ladder(const ShrinkState& state, const ShrinkRecipe& base) {
  std::vector<ShrinkRecipe> out(state.may_train ? 6 : 5, base);
  for (std::size_t i = 1; i < out.size(); ++i) out[i].ranges = "mse";
  out[2].repaired = out[3].repaired = out[4].repaired = true;
  out[2].rounded = out[3].rounded = true;
  out[3].error_allowed = 1e-3;
  out[4].rounding_learned = true;
  if (state.may_train) out[5].trained = true;
  return out;
}

// The first way to 8 bits that was not tried, the cheapest first, unless one before it held. Layers
// that are slower so are left out if that was seen to pay. Better grids are no faster: where 8 bits
// gain nothing over floats they are not tried.
std::optional<ShrinkRecipe> next_int8(const ShrinkState& state, const ShrinkRecipe& floats) {
  ShrinkRecipe plain = floats;
  plain.int8 = true;
  const ShrinkTrial* all = find(state, plain);
  if (all == nullptr) return plain;
  ShrinkRecipe picked = plain;
  picked.where_faster = true;
  const ShrinkTrial* some = find(state, picked);
  const bool wants_speed = state.goal != ShrinkGoal::kSize || !is_level(*all);
  if (wants_speed && some == nullptr && all->ran) return picked;
  const bool pays = some != nullptr && some->ran &&
                    ((is_level(*some) && !is_level(*all)) ||
                     gain_of(*some, state.goal) > kWorthProving * gain_of(*all, state.goal));
  const ShrinkTrial& base = pays ? *some : *all;
  const ShrinkTrial* before = find(state, floats);
  if (before != nullptr && base.ran && gain_of(base, state.goal) < gain_of(*before, state.goal)) {
    return std::nullopt;
  }
  for (const ShrinkRecipe& recipe : int8_ladder(state, base.recipe)) {
    const ShrinkTrial* trial = find(state, recipe);
    if (trial == nullptr) return recipe;
    // Half the bound: with less than that to spare, a better grid may be proven where this is not.
    if (holds(state, *trial) && trial->drop.value <= state.max_drop / 2) return std::nullopt;
  }
  return std::nullopt;
}

// Whether two recipes make the same network before it goes onto grids.
bool same_network(const ShrinkRecipe& a, const ShrinkRecipe& b) {
  return a.work_kept == b.work_kept && a.rank_kept == b.rank_kept && a.nodes_kept == b.nodes_kept;
}

// Grids that each run finds, where fixed ones were tried and none holds.
std::optional<ShrinkRecipe> next_dynamic(const ShrinkState& state, const ShrinkRecipe& floats) {
  for (const ShrinkTrial& trial : state.tried) {
    const bool on_grids = trial.recipe.int8 || trial.recipe.dynamic;
    if (!on_grids || !same_network(trial.recipe, floats)) continue;
    if (trial.recipe.dynamic || holds(state, trial)) return std::nullopt;
  }
  ShrinkRecipe recipe = floats;
  recipe.dynamic = true;
  return recipe;
}

// Weights alone, where the file is what counts: four bits with a scale for each output; where that
// loses too much, one for each few weights; and where that does too, each weight's step learned.
std::optional<ShrinkRecipe> next_weights(const ShrinkState& state, const ShrinkRecipe& floats) {
  if (state.goal != ShrinkGoal::kSize) return std::nullopt;
  for (const auto& [group, learned] :
       {std::pair(std::int64_t{0}, false), {kWeightGroup, false}, {std::int64_t{0}, true}}) {
    ShrinkRecipe recipe = floats;
    recipe.weight_bits = 4;
    recipe.weight_group = group;
    recipe.rounding_learned = learned;
    const ShrinkTrial* trial = find(state, recipe);
    if (trial == nullptr) return recipe;
    if (holds(state, *trial) && trial->drop.value <= state.max_drop / 2) return std::nullopt;
  }
  return std::nullopt;
}

// How much of a model is kept: shares that were tried, in falling order, with what came of them.
struct Cut {
  double kept;
  const ShrinkTrial* trial;
};

// The next share to keep: half of the least that held while halves gain something, else half-way
// (of the logarithm) to the largest that did not hold. `cuts`: those tried, 1 among them.
std::optional<double> next_share(const ShrinkState& state, std::vector<Cut> cuts, double least) {
  std::ranges::sort(cuts, [](const Cut& a, const Cut& b) { return a.kept > b.kept; });
  // What failed twice is refused as such, whatever the share.
  if (std::ranges::count_if(cuts, [](const Cut& cut) { return !cut.trial->ran; }) >= 2) {
    return std::nullopt;
  }
  double held = 1, lost = 0;
  std::vector<const ShrinkTrial*> good;  // in falling order
  for (const Cut& cut : cuts) {
    if (holds(state, *cut.trial)) {
      held = std::min(held, cut.kept);
      good.push_back(cut.trial);
    } else if (cut.kept < 1) {
      lost = std::max(lost, cut.kept);
    }
  }
  if (good.size() >= 3) {
    const double before = gain_of(*good[good.size() - 2], state.goal);
    if (gain_of(*good.back(), state.goal) < kWorthHalving * before) return std::nullopt;
  }
  double next = held * kFirstKept;
  if (lost > 0) {
    if (held <= lost * kFinestStep) return std::nullopt;
    next = std::sqrt(held * lost);
  }
  const bool again = std::ranges::any_of(cuts, [&](const Cut& cut) { return cut.kept == next; });
  if (next < least || again) return std::nullopt;
  return next;
}

// What a network in floats is put on, the cheapest first.
std::optional<ShrinkRecipe> next_numbers(const ShrinkState& state, const ShrinkRecipe& floats) {
  if (!state.may_quantise) return std::nullopt;
  if (auto recipe = next_int8(state, floats)) return recipe;
  if (auto recipe = next_dynamic(state, floats)) return recipe;
  return next_weights(state, floats);
}

std::vector<Cut> pruned_cuts(const ShrinkState& state) {
  std::vector<Cut> out;
  for (const ShrinkTrial& trial : state.tried) {
    const bool floats = trial.recipe.in_floats() && !trial.recipe.factors();
    if (floats) out.push_back({trial.recipe.work_kept, &trial});
  }
  return out;
}

// The least that was kept of a network and held, in float32.
double least_held(const ShrinkState& state) {
  double out = 1;
  for (const Cut& cut : pruned_cuts(state)) {
    if (holds(state, *cut.trial)) out = std::min(out, cut.kept);
  }
  return out;
}

std::optional<ShrinkRecipe> next_pruned(const ShrinkState& state) {
  // What was pruned last and holds is put on grids before more is cut.
  ShrinkRecipe last;
  last.work_kept = least_held(state);
  if (last.prunes()) {
    if (auto recipe = next_numbers(state, last)) return recipe;
  }
  const auto kept = next_share(state, pruned_cuts(state), kLeastKept);
  if (!kept) return std::nullopt;
  ShrinkRecipe recipe;
  recipe.work_kept = *kept;
  return recipe;
}

// Of the least network that held, layers in two thin ones; what holds and gains by it goes onto
// grids too.
std::optional<ShrinkRecipe> next_factored(const ShrinkState& state) {
  ShrinkRecipe recipe;
  recipe.work_kept = least_held(state);
  std::vector<Cut> cuts;
  for (const ShrinkTrial& trial : state.tried) {
    const bool same = trial.recipe.work_kept == recipe.work_kept && trial.recipe.in_floats();
    if (!same) continue;
    cuts.push_back({trial.recipe.rank_kept, &trial});
    if (holds(state, trial)) recipe.rank_kept = std::min(recipe.rank_kept, trial.recipe.rank_kept);
  }
  if (recipe.factors()) {
    ShrinkRecipe whole = recipe;
    whole.rank_kept = 1;
    const double before = gain_of(*find(state, whole), state.goal);
    if (gain_of(*find(state, recipe), state.goal) < kWorthHalving * before) return std::nullopt;
    if (auto numbers = next_numbers(state, recipe)) return numbers;
  }
  const auto kept = next_share(state, std::move(cuts), kLeastRank);
  if (!kept) return std::nullopt;
  recipe.rank_kept = *kept;
  return recipe;
}

std::optional<ShrinkRecipe> next_tree_cut(const ShrinkState& state) {
  for (const char* way : kTreeCuts) {
    std::vector<Cut> cuts;
    for (const ShrinkTrial& trial : state.tried) {
      const ShrinkRecipe& r = trial.recipe;
      if (r == ShrinkRecipe{} || r.tree_cut == way) cuts.push_back({r.nodes_kept, &trial});
    }
    if (const auto kept = next_share(state, std::move(cuts), kLeastNodes)) {
      ShrinkRecipe recipe;
      recipe.nodes_kept = *kept;
      recipe.tree_cut = way;
      return recipe;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string OptionText<ShrinkGoal>::print(ShrinkGoal goal) {
  for (const auto& known : kGoals) {
    if (known.goal == goal) return known.name;
  }
  return {};
}

Result<ShrinkGoal> OptionText<ShrinkGoal>::parse(std::string_view text) {
  std::vector<std::string> names;
  for (const auto& known : kGoals) {
    if (text == known.name) return known.goal;
    names.emplace_back(known.name);
  }
  return Error(ErrorCode::kBadValue, "unknown goal '" + std::string(text) + "': " + one_of(names));
}

std::string ShrinkRecipe::name() const {
  std::string out;
  if (prunes()) out = "prune to " + to_text(100 * work_kept, 2) + " % of the work";
  if (cuts_trees()) {
    out = (tree_cut == "distil" ? "distil into " : "cut " + tree_cut + " to ") +
          to_text(100 * nodes_kept, 2) + " % of nodes";
  }
  if (factors()) {
    out += (out.empty() ? "" : " + ") + std::string("factor layers to ") +
           to_text(100 * rank_kept, 2) + " %";
  }
  if (dynamic) return out + (out.empty() ? "" : " + ") + "int8 (dynamic)";
  if (weight_bits > 0) {
    out += (out.empty() ? "" : " + ") + std::string("weights in ") + std::to_string(weight_bits) +
           " bits";
    if (weight_group > 0) out += " by groups of " + std::to_string(weight_group);
    if (rounding_learned) out += ", rounding learned";
    return out;
  }
  if (!int8) return out.empty() ? "folded" : out;
  out += (out.empty() ? "" : " + ") + std::string("int8");
  std::string how = ranges == "minmax" ? "" : ranges;
  if (repaired) how += std::string(how.empty() ? "" : ", ") + "repaired";
  if (error_allowed > 0) how += std::string(how.empty() ? "" : ", ") + "mixed";
  if (rounded) how += std::string(how.empty() ? "" : ", ") + "rounded";
  if (rounding_learned) how += std::string(how.empty() ? "" : ", ") + "rounding learned";
  if (where_faster) how += std::string(how.empty() ? "" : ", ") + "where faster";
  if (trained) how += std::string(how.empty() ? "" : ", ") + "trained";
  return how.empty() ? out : out + " (" + how + ")";
}

bool may_hold(const ShrinkTrial& trial, double max_drop) {
  return trial.ran && trial.drop.value <= max_drop;
}

double gain_of(const ShrinkTrial& trial, ShrinkGoal goal) {
  switch (goal) {
    case ShrinkGoal::kLatency: return trial.times_faster;
    case ShrinkGoal::kEnergy: return trial.times_fewer_joules;
    case ShrinkGoal::kSize: return trial.times_smaller;
  }
  return 1;
}

std::optional<ShrinkRecipe> next_recipe(const ShrinkState& state) {
  const ShrinkRecipe folded;
  if (find(state, folded) == nullptr) return folded;
  if (auto recipe = next_numbers(state, folded)) return recipe;
  if (state.may_prune) {
    if (auto recipe = next_pruned(state)) return recipe;
    if (auto recipe = next_factored(state)) return recipe;
  }
  return state.may_cut_trees ? next_tree_cut(state) : std::nullopt;
}

namespace {

// Of the trials that `may` be taken and gain something, the one that gains most; among those that
// gain as much but for noise, the one that loses least.
template <class F> std::optional<std::size_t> best_of(const ShrinkState& state, F&& may) {
  double most = 0;
  const auto counts = [&](const ShrinkTrial& trial) {
    return holds(state, trial) && is_level(trial) && gain_of(trial, state.goal) >= kWorthProving &&
           may(trial);
  };
  for (const ShrinkTrial& trial : state.tried) {
    if (counts(trial)) most = std::max(most, gain_of(trial, state.goal));
  }
  std::optional<std::size_t> out;
  for (std::size_t i = 0; i < state.tried.size(); ++i) {
    const ShrinkTrial& trial = state.tried[i];
    if (!counts(trial) || gain_of(trial, state.goal) < kSameGain * most) continue;
    if (!out || trial.drop.value < state.tried[*out].drop.value) out = i;
  }
  return out;
}

}  // namespace

std::vector<std::size_t> worth_proving(const ShrinkState& state) {
  double least = 1;
  for (const ShrinkTrial& trial : state.tried) {
    if (holds(state, trial) && is_level(trial) && gain_of(trial, state.goal) >= kWorthProving) {
      least = std::min(least, trial.drop.high);
    }
  }
  std::vector<std::size_t> out;
  for (const double bound : {1.0, state.max_drop, least}) {
    const auto best = best_of(state, [&](const ShrinkTrial& t) { return t.drop.high <= bound; });
    if (best && std::ranges::find(out, *best) == out.end()) out.push_back(*best);
  }
  return out;
}

}  // namespace tenbin
