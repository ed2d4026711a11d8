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
    trial.times_faster = (recipe->int8 ? 3 : 1) / std::sqrt(recipe->work_kept * recipe->rank_kept);
    trial.times_smaller = (recipe->int8 ? 4 : 1) / recipe->work_kept / recipe->rank_kept;
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
  EXPECT_EQ(easy.tried.size(), 3U) << "folded, int8, int8 where it is faster";
  const auto hard = run_plan(state, [](const ShrinkRecipe& r) { return r.int8 ? 0.1 : 0; });
  EXPECT_EQ(hard.tried.size(), 9U)
      << "and the four better grids, training on them, and grids that each run finds";
  EXPECT_EQ(hard.tried.back().recipe.name(), "int8 (dynamic)");
  ShrinkState few = state;
  few.may_train = false;
  const auto untrained = run_plan(few, [](const ShrinkRecipe& r) { return r.int8 ? 0.1 : 0; });
  EXPECT_EQ(untrained.tried.size(), 8U);
  const auto mended =
      run_plan(state, [](const ShrinkRecipe& r) { return r.int8 && !r.repaired ? 0.1 : 0; });
  EXPECT_TRUE(tried(mended, "int8 (mse, repaired, rounded)"));
  EXPECT_FALSE(tried(mended, "int8 (mse, repaired, mixed, rounded)"));
}

TEST(NextRecipe, LeavesLayersInFloatsIfThatPays) {
  ShrinkState state;
  state.may_prune = false;
  const auto gain = [&state](double all, double some) {
    ShrinkState out = state;
    while (const auto recipe = next_recipe(out)) {
      const double faster = !recipe->int8 ? 1 : recipe->where_faster ? some : all;
      out.tried.push_back({*recipe, true, {0.1, 0.1, 0.1}, faster, 1, 4});
      if (out.tried.size() > 20) break;
    }
    return out;
  };
  EXPECT_TRUE(tried(gain(1.2, 1.5), "int8 (mse, where faster)"));
  EXPECT_FALSE(tried(gain(1.2, 1.2), "int8 (mse, where faster)")) << "it pays nothing";
  EXPECT_TRUE(tried(gain(1.2, 1.2), "int8 (mse)"));
  EXPECT_EQ(gain(0.8, 0.9).tried.size(), 4U)
      << "slower than floats: no fixed grid mends that, but each run's may do so";
  state.goal = ShrinkGoal::kSize;
  EXPECT_FALSE(tried(gain(1, 2), "int8 (where faster)")) << "floats are larger";
  EXPECT_TRUE(tried(gain(0.8, 1), "int8 (mse, where faster)")) << "what is slower is not shipped";
}

TEST(NextRecipe, HalvesWhileItHoldsThenGoesHalfWayBack) {
  const auto end = run_plan({}, [](const ShrinkRecipe& r) { return r.work_kept < 0.2 ? 0.05 : 0; });
  EXPECT_TRUE(tried(end, "prune to 50 % of the work"));
  EXPECT_TRUE(tried(end, "prune to 25 % of the work + int8"));
  EXPECT_TRUE(tried(end, "prune to 12 % of the work"));
  EXPECT_FALSE(tried(end, "prune to 12 % of the work + int8")) << "what lost is not quantised too";
  EXPECT_FALSE(tried(end, "prune to 6.2 % of the work"));
  double least = 1;
  for (const ShrinkTrial& trial : end.tried) {
    if (trial.drop.value == 0) least = std::min(least, trial.recipe.work_kept);
  }
  EXPECT_LT(least, 0.25) << "between a quarter that holds and an eighth that does not";
}

TEST(NextRecipe, HalvesNoMoreWhenTheLastHalfGainedNothing) {
  ShrinkState state;
  state.may_quantise = false;
  for (int i = 0; i < 20; ++i) {
    const auto recipe = next_recipe(state);
    if (!recipe) break;
    state.tried.push_back({*recipe, true, {}, std::min(2.0, 1 / recipe->work_kept), 1, 1});
  }
  std::size_t pruned = 0;
  for (const ShrinkTrial& trial : state.tried) pruned += trial.recipe.factors() ? 0 : 1;
  ASSERT_EQ(pruned, 3U) << "folded, a half, a quarter as fast as the half";
}

TEST(NextRecipe, TriesWeightsAloneWhereTheFileCounts) {
  ShrinkState state;
  state.goal = ShrinkGoal::kSize;
  state.may_prune = false;
  const auto easy = run_plan(state, [](const ShrinkRecipe&) { return 0; });
  EXPECT_TRUE(tried(easy, "weights in 4 bits"));
  EXPECT_FALSE(tried(easy, "weights in 4 bits by groups of 32")) << "one scale an output holds";
  const auto hard = run_plan(state, [](const ShrinkRecipe& r) {
    return r.weight_bits > 0 && r.weight_group == 0 ? 1 : 0;
  });
  EXPECT_TRUE(tried(hard, "weights in 4 bits by groups of 32"));
  state.goal = ShrinkGoal::kLatency;
  EXPECT_FALSE(tried(run_plan(state, [](const ShrinkRecipe&) { return 0; }), "weights in 4 bits"));
}

TEST(NextRecipe, LearnsTheRoundingOfWeightsAloneLast) {
  ShrinkState state;
  state.goal = ShrinkGoal::kSize;
  state.may_prune = false;
  const auto end = run_plan(state, [](const ShrinkRecipe& r) { return r.weight_bits > 0 ? 1 : 0; });
  ASSERT_FALSE(end.tried.empty());
  EXPECT_EQ(end.tried.back().recipe.name(), "weights in 4 bits, rounding learned");
  EXPECT_FALSE(tried(end, "int8 (dynamic)")) << "fixed grids hold";
}

TEST(NextRecipe, FactorsLayersOfTheLeastNetworkThatHeld) {
  const auto end = run_plan(
      {}, [](const ShrinkRecipe& r) { return r.work_kept < 0.4 || r.rank_kept < 0.4 ? 0.05 : 0; });
  const std::string least = "prune to 42 % of the work";
  ASSERT_TRUE(tried(end, least));
  EXPECT_TRUE(tried(end, least + " + factor layers to 50 %"));
  EXPECT_TRUE(tried(end, least + " + factor layers to 50 % + int8")) << "what holds, on grids too";
  EXPECT_TRUE(tried(end, least + " + factor layers to 25 %"));
  EXPECT_FALSE(tried(end, least + " + factor layers to 25 % + int8")) << "it did not hold";
  EXPECT_FALSE(tried(end, "factor layers to 50 %")) << "pruned networks are faster";
  const auto none = run_plan({}, [](const ShrinkRecipe& r) { return r.work_kept < 1 ? 0.05 : 0; });
  EXPECT_TRUE(tried(none, "factor layers to 50 %")) << "where no channel can go";
  ShrinkState few;
  few.may_prune = few.may_train = false;
  EXPECT_FALSE(tried(run_plan(few, [](const ShrinkRecipe&) { return 0; }), "factor layers to 50 %"))
      << "nothing to train on";
}

TEST(NextRecipe, FactorsNoFurtherWhereItGainsNothing) {
  ShrinkState state;
  state.may_quantise = false;
  for (int i = 0; i < 40; ++i) {
    const auto recipe = next_recipe(state);
    if (!recipe) break;
    const bool lost = recipe->work_kept < 1;
    state.tried.push_back({*recipe, true, {lost ? 0.1 : 0, 0, 0}, 1, 1, 1});
  }
  EXPECT_TRUE(tried(state, "factor layers to 50 %"));
  EXPECT_FALSE(tried(state, "factor layers to 25 %"));
}

TEST(NextRecipe, CutsTreesInEachWay) {
  ShrinkState state;
  state.may_quantise = state.may_prune = state.may_train = false;
  state.may_cut_trees = true;
  for (int i = 0; i < 60; ++i) {
    const auto recipe = next_recipe(state);
    if (!recipe) break;
    const double lost = recipe->tree_cut == "trees" && recipe->nodes_kept < 0.3 ? 0.1 : 0;
    const double gain = 1 / std::max(recipe->nodes_kept, 0.1);
    state.tried.push_back({*recipe, true, {lost, lost, lost}, gain, gain, gain});
  }
  EXPECT_LT(state.tried.size(), 40U) << "the plan does not end";
  EXPECT_TRUE(tried(state, "cut trees to 50 % of nodes"));
  EXPECT_TRUE(tried(state, "cut trees to 25 % of nodes"));
  EXPECT_FALSE(tried(state, "cut trees to 12 % of nodes")) << "a quarter did not hold";
  EXPECT_TRUE(tried(state, "cut splits to 12 % of nodes"));
  EXPECT_TRUE(tried(state, "distil into 12 % of nodes"));
}

TEST(NextRecipe, ATrialThatFailedIsNotTriedAgain) {
  ShrinkState state;
  for (int i = 0; i < 20; ++i) {
    const auto recipe = next_recipe(state);
    if (!recipe) break;
    state.tried.push_back({*recipe, false, {}, 1, 1, 1});
  }
  EXPECT_LT(state.tried.size(), 16U);
}

TEST(WorthProving, BestThenLikelyThenSafest) {
  ShrinkState state;  // at most 0.005
  state.tried = {{{}, true, {0, 0, 0.0001}, 1.5, 1, 1},
                 {{0.5, true}, true, {0.0045, 0, 0.009}, 6, 1, 1},
                 {{0.55, true}, true, {0.0040, 0, 0.008}, 5.9, 1, 1},
                 {{0.6, true}, true, {0.002, 0, 0.0045}, 5, 1, 1},
                 {{0.7, true}, true, {0.001, 0, 0.004}, 4, 1, 1},
                 {{0.8, true}, true, {0.02, 0, 0.03}, 9, 1, 1},
                 {{0.9, true}, true, {0, 0, 0}, 1.01, 1, 1}};
  EXPECT_EQ(worth_proving(state), (std::vector<std::size_t>{2, 3, 0}))
      << "nine times faster lost too much, six is 5.9 but for noise and loses more, one per cent "
         "is no gain";
  state.goal = ShrinkGoal::kSize;
  EXPECT_TRUE(worth_proving(state).empty());
  state.tried = {{{0.5}, true, {0, 0, 0.0001}, 0.8, 4, 1}};
  EXPECT_TRUE(worth_proving(state).empty()) << "smaller, but slower";
  state.tried = {{{}, true, {0, 0, 0.0001}, 1, 4, 1}};
  EXPECT_EQ(worth_proving(state), (std::vector<std::size_t>{0})) << "the same one three times";
}

TEST(ShrinkRecipe, NamesSayWhatWasDone) {
  EXPECT_EQ((ShrinkRecipe{0.25, true, "mse", true, 1e-3}).name(),
            "prune to 25 % of the work + int8 (mse, repaired, mixed)");
  EXPECT_EQ((ShrinkRecipe{1, true, "minmax", false, 0}).name(), "int8");
}

}  // namespace
}  // namespace tenbin
