// SPDX-License-Identifier: Apache-2.0
// Both ways to round weights, against the nearest step.
#include "compress/round_layers.h"

#include "compress/adaround.h"
#include "compress/gptq.h"
#include "compress/insert_grids.h"
#include "compress/trained_case.h"

namespace tenbin {
namespace {

using Round = Result<ChosenWeights> (*)(const TrainedCase&, const Ranges&, int most);

Result<ChosenWeights> nearest(const TrainedCase& net, const Ranges& ranges, int most) {
  return round_layers(net.graph, ranges, net.rows, {}, {64, most},
                      [](const RoundingProblem& p, std::span<float> steps) -> Status {
                        for (std::size_t i = 0; i < steps.size(); ++i) {
                          steps[i] = std::nearbyint(p.weights[i]);
                        }
                        return {};
                      });
}
Result<ChosenWeights> learned(const TrainedCase& net, const Ranges& ranges, int most) {
  AdaroundOptions options;
  options.most = most;
  return learn_rounding(net.graph, ranges, net.rows, {}, options);
}
Result<ChosenWeights> in_sequence(const TrainedCase& net, const Ranges& ranges, int most) {
  return round_in_sequence(net.graph, ranges, net.rows, {}, {1024, most});
}

double error_with(const TrainedCase& net, const Ranges& ranges, Round round, int most) {
  const auto chosen = round(net, ranges, most);
  EXPECT_TRUE(chosen.ok()) << chosen.error().to_string();
  const Graph stored = insert_grids(net.graph, ranges, {}, *chosen).value();
  expect_runtime_agrees(stored, net.rows, 6);
  for (const auto& [name, weights] : *chosen) {
    for (const std::int8_t step : weights.values.data<std::int8_t>()) {
      EXPECT_LE(std::abs(static_cast<int>(step)), most);
    }
  }
  return relative_error(logits_of(net.graph, net.rows), logits_of(stored, net.rows));
}

TEST(RoundLayers, LearnedAndSequentialRoundingHaveFarLessErrorThanTheNearest) {
  const struct {
    const char* why;
    TrainedCase net;
    int most;
    double learned, in_sequence;  // at most, of the error of the nearest steps
  } rows[] = {{"convolutions on 4 bits", trained_cnn(), 7, 0.75, 0.75},
              {"dense layers on 4 bits", trained_mlp(), 7, 0.75, 0.75},
              {"dense layers on 3 bits", trained_mlp(), 3, 0.75, 0.75}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Ranges ranges =
        calibrate(row.net.graph, grid_values(row.net.graph), row.net.rows).value();
    const double plain = error_with(row.net, ranges, nearest, row.most);
    EXPECT_LT(error_with(row.net, ranges, learned, row.most), row.learned * plain);
    EXPECT_LT(error_with(row.net, ranges, in_sequence, row.most), row.in_sequence * plain);
  }
}

TEST(RoundLayers, EightBitsAreNoWorse) {
  const TrainedCase net = trained_cnn();
  const Ranges ranges = calibrate(net.graph, grid_values(net.graph), net.rows).value();
  const double plain = error_with(net, ranges, nearest, 127);
  EXPECT_LT(error_with(net, ranges, learned, 127), 1.05 * plain);
  EXPECT_LT(error_with(net, ranges, in_sequence, 127), 1.05 * plain);
}

TEST(RoundLayers, NearestStepsAreThoseOfInsertGrids) {
  const TrainedCase net = trained_cnn();
  const Ranges ranges = calibrate(net.graph, grid_values(net.graph), net.rows).value();
  const Graph plain = insert_grids(net.graph, ranges).value();
  const Graph chosen =
      insert_grids(net.graph, ranges, {}, nearest(net, ranges, 127).value()).value();
  EXPECT_EQ(plain.initializers, chosen.initializers);
}

TEST(RoundLayers, AsksBeforeEachLayer) {
  const TrainedCase net = trained_mlp();
  const Ranges ranges = calibrate(net.graph, grid_values(net.graph), net.rows).value();
  int asked = 0;
  const StopQuestion may_go_on([&]() -> Status {
    if (++asked < 2) return {};
    return Error(ErrorCode::kInterrupted, "enough");
  });
  const auto stopped = round_in_sequence(net.graph, ranges, net.rows, {}, {}, may_go_on);
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code(), ErrorCode::kInterrupted);
  EXPECT_EQ(asked, 2);
}

TEST(RoundLayers, LearningStopsWithinALayer) {
  const TrainedCase net = trained_mlp();
  const Ranges ranges = calibrate(net.graph, grid_values(net.graph), net.rows).value();
  int asked = 0;
  const StopQuestion may_go_on([&]() -> Status {
    if (++asked < 5) return {};  // once for the first layer, then while it learns
    return Error(ErrorCode::kBudgetExceeded, "enough");
  });
  const auto stopped = learn_rounding(net.graph, ranges, net.rows, {}, {}, may_go_on);
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code(), ErrorCode::kBudgetExceeded);
  EXPECT_EQ(asked, 5);
}

// One output of two equal inputs: 0.4 + 0.4 steps are 1 step in all, which nearest misses.
TEST(RoundLayers, MakesUpForWhatIsOff) {
  const std::vector<float> inputs = {1, 1, 2, 2, -1, -1, 3, 3};
  const std::vector<float> weights = {0.4F, 0.4F};
  const RoundingProblem problem{4, 2, 1, inputs, inputs, weights, 127};
  std::vector<float> steps(2);
  round_in_sequence(problem, steps);
  EXPECT_EQ(steps[0] + steps[1], 1);
}

TEST(RoundLayers, OfInputsThatAreAlwaysZeroIsTheNearest) {
  const std::vector<float> inputs(12, 0);
  const std::vector<float> weights = {0.4F, 1.6F, -3.2F};
  const RoundingProblem problem{4, 3, 1, inputs, inputs, weights, 127};
  std::vector<float> steps(3);
  round_in_sequence(problem, steps);
  EXPECT_EQ(steps, (std::vector<float>{0, 2, -3}));
}

}  // namespace
}  // namespace tenbin
