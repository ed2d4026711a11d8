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
constexpr double kWorthProving = 1.02;
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

bool holds(const ShrinkState& state, const ShrinkTrial& trial) {
  return trial.ran && may_hold(trial, state.max_drop);
}

// Ways to 8 bits, the cheapest first.
std::vector<ShrinkRecipe> int8_ladder(double macs_kept) {
  std::vector<ShrinkRecipe> out(4);
  for (ShrinkRecipe& recipe : out) {
    recipe.macs_kept = macs_kept;
    recipe.int8 = true;
  }
  out[1].ranges = out[2].ranges = out[3].ranges = "mse";
  out[2].repaired = out[3].repaired = true;
  out[3].error_allowed = 1e-3;
  return out;
}

// The first of the ladder that was not tried, unless one before it held.
std::optional<ShrinkRecipe> next_int8(const ShrinkState& state, double macs_kept) {
  for (const ShrinkRecipe& recipe : int8_ladder(macs_kept)) {
    const ShrinkTrial* trial = find(state, recipe);
    if (trial == nullptr) return recipe;
    // Half the bound: with less than that to spare, a better grid may be proven where this is not.
    if (holds(state, *trial) && trial->drop.value <= state.max_drop / 2) return std::nullopt;
  }
  return std::nullopt;
}

// The least work that held, and the most that did not, among pruned networks in float32.
struct Bracket {
  double held = 1, lost = 0;
};
Bracket bracket_of(const ShrinkState& state) {
  Bracket out;
  for (const ShrinkTrial& trial : state.tried) {
    if (!trial.recipe.prunes() || trial.recipe.int8) continue;
    const double kept = trial.recipe.macs_kept;
    if (holds(state, trial)) {
      out.held = std::min(out.held, kept);
    } else {
      out.lost = std::max(out.lost, kept);
    }
  }
  return out;
}

std::optional<ShrinkRecipe> next_pruned(const ShrinkState& state) {
  const Bracket bracket = bracket_of(state);
  ShrinkRecipe recipe;
  if (bracket.lost <= 0) {
    recipe.macs_kept = bracket.held * kFirstKept;
  } else {
    if (bracket.held <= bracket.lost * kFinestStep) return std::nullopt;
    recipe.macs_kept = std::sqrt(bracket.held * bracket.lost);
  }
  if (recipe.macs_kept < kLeastKept || find(state, recipe) != nullptr) return std::nullopt;
  return recipe;
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
  if (prunes()) out = "prune to " + to_text(100 * macs_kept, 2) + " % of MACs";
  if (!int8) return out.empty() ? "folded" : out;
  out += (out.empty() ? "" : " + ") + std::string("int8");
  std::string how = ranges == "minmax" ? "" : ranges;
  if (repaired) how += std::string(how.empty() ? "" : ", ") + "repaired";
  if (error_allowed > 0) how += std::string(how.empty() ? "" : ", ") + "mixed";
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
  if (state.may_quantise) {
    if (auto recipe = next_int8(state, 1)) return recipe;
  }
  if (!state.may_prune) return std::nullopt;
  // What was pruned last and holds is put on grids before more is cut.
  const Bracket bracket = bracket_of(state);
  if (state.may_quantise && bracket.held < 1) {
    if (auto recipe = next_int8(state, bracket.held)) return recipe;
  }
  return next_pruned(state);
}

std::vector<std::size_t> worth_proving(const ShrinkState& state, std::size_t most) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < state.tried.size(); ++i) {
    const ShrinkTrial& trial = state.tried[i];
    if (holds(state, trial) && gain_of(trial, state.goal) >= kWorthProving) out.push_back(i);
  }
  std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    return gain_of(state.tried[a], state.goal) > gain_of(state.tried[b], state.goal);
  });
  if (out.size() <= most) return out;
  // The last chance goes to the trial that lost least, not to the third fastest.
  const auto safest =
      std::min_element(out.begin() + static_cast<std::ptrdiff_t>(most) - 1, out.end(),
                       [&](std::size_t a, std::size_t b) {
                         return state.tried[a].drop.value < state.tried[b].drop.value;
                       });
  out[most - 1] = *safest;
  out.resize(most);
  return out;
}

}  // namespace tenbin
