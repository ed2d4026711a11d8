// SPDX-License-Identifier: Apache-2.0
#include "plan/shrink_plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace tenbin {
namespace {

// Runs the plan to its end on a model whose drop is a function of the recipe.
ShrinkState run_plan(ShrinkState state, const std::function<double(const ShrinkRecipe&)>& drop) {
  for (int i = 0; i < 40; ++i) {
    const auto recipe = next_recipe(state);
    if (!recipe) return state;
    ShrinkTrial trial;
    trial.recipe = *recipe;
    trial.ran = true;
    trial.drop.value = drop(*recipe);
    trial.times_faster = (recipe->int8 ? 3 : 1) / std::sqrt(recipe->macs_kept);
    trial.times_smaller = (recipe->int8 ? 4 : 1) / recipe->macs_kept;
    state.tried.push_back(trial);
  }
  ADD_FAILURE() << "the plan does not end";
  return state;
}

bool tried(const ShrinkState& state, const std::string& name) {
  for (const ShrinkTrial& trial : state.tried) {
    if (trial.recipe.name() == name) return true;
  }
  return false;
}

TEST(NextRecipe, BeginsWithWhatIsCheapAndExact) {
  const auto first = next_recipe({});
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->name(), "folded");
  ShrinkState state;
  state.may_quantise = state.may_prune = false;
  EXPECT_EQ(run_plan(state, [](const ShrinkRecipe&) { return 0; }).tried.size(), 1U);
}

TEST(NextRecipe, TriesBetterGridsOnlyWherePlainOnesLose) {
  ShrinkState state;
  state.may_prune = false;
  const auto easy = run_plan(state, [](const ShrinkRecipe&) { return 0.0; });
  EXPECT_EQ(easy.tried.size(), 2U) << "folded, int8";
  const auto hard = run_plan(state, [](const ShrinkRecipe& r) { return r.int8 ? 0.1 : 0; });
  EXPECT_EQ(hard.tried.size(), 5U) << "and the three better grids";
  const auto mended =
      run_plan(state, [](const ShrinkRecipe& r) { return r.int8 && !r.repaired ? 0.1 : 0; });
  EXPECT_TRUE(tried(mended, "int8 (mse, repaired)"));
  EXPECT_FALSE(tried(mended, "int8 (mse, repaired, mixed)"));
}

TEST(NextRecipe, HalvesWhileItHoldsThenGoesHalfWayBack) {
  const auto end = run_plan({}, [](const ShrinkRecipe& r) { return r.macs_kept < 0.2 ? 0.05 : 0; });
  EXPECT_TRUE(tried(end, "prune to 50 % of MACs"));
  EXPECT_TRUE(tried(end, "prune to 25 % of MACs + int8"));
  EXPECT_TRUE(tried(end, "prune to 12 % of MACs"));
  EXPECT_FALSE(tried(end, "prune to 12 % of MACs + int8")) << "what lost is not quantised too";
  EXPECT_FALSE(tried(end, "prune to 6.2 % of MACs"));
  double least = 1;
  for (const ShrinkTrial& trial : end.tried) {
    if (trial.drop.value == 0) least = std::min(least, trial.recipe.macs_kept);
  }
  EXPECT_LT(least, 0.25) << "between a quarter that holds and an eighth that does not";
}

TEST(NextRecipe, ATrialThatFailedIsNotTriedAgain) {
  ShrinkState state;
  for (int i = 0; i < 20; ++i) {
    const auto recipe = next_recipe(state);
    if (!recipe) break;
    state.tried.push_back({*recipe, false, {}, 1, 1, 1});
  }
  EXPECT_LT(state.tried.size(), 12U);
}

TEST(WorthProving, BestFirstWithTheSafestLast) {
  ShrinkState state;
  state.tried = {{{}, true, {0, 0, 0}, 1.5, 1, 1},
                 {{0.5, true}, true, {0.004, 0, 0}, 6, 1, 1},
                 {{0.6, true}, true, {0.003, 0, 0}, 5, 1, 1},
                 {{0.7, true}, true, {0.002, 0, 0}, 4, 1, 1},
                 {{0.8, true}, true, {0.02, 0, 0}, 9, 1, 1},
                 {{0.9, true}, true, {0, 0, 0}, 1.01, 1, 1}};
  EXPECT_EQ(worth_proving(state), (std::vector<std::size_t>{1, 2, 0}))
      << "nine times faster lost too much, one per cent is no gain";
  state.goal = ShrinkGoal::kSize;
  EXPECT_TRUE(worth_proving(state).empty());
}

TEST(ShrinkRecipe, NamesSayWhatWasDone) {
  EXPECT_EQ((ShrinkRecipe{0.25, true, "mse", true, 1e-3}).name(),
            "prune to 25 % of MACs + int8 (mse, repaired, mixed)");
  EXPECT_EQ((ShrinkRecipe{1, true, "minmax", false, 0}).name(), "int8");
}

}  // namespace
}  // namespace tenbin
