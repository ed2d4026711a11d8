// SPDX-License-Identifier: Apache-2.0
#include "app/fit/prove.h"

#include <gtest/gtest.h>

#include "platform/clock.h"

namespace tenbin {
namespace {

TEST(SampleLatency, KeepsRequestsApartThatOthersInterrupted) {
  ManualClock clock;
  int calls = 0;
  const auto request = [&]() -> Status {
    const bool interrupted = ++calls % 10 == 0;  // and then 4 ms are a neighbour's
    clock.advance(interrupted ? 4ms : 100us);
    if (interrupted) clock.preempt();
    return {};
  };
  const auto latency = sample_latency(request, clock, {900, 100, 60s}, [] { return true; });
  ASSERT_TRUE(latency.ok());
  EXPECT_EQ(latency->samples, 900);
  EXPECT_EQ(latency->preempted, 99) << "calls 10, 20 ... 990, then the last nine";
  EXPECT_EQ(latency->p99, Duration(100us));
  EXPECT_EQ(latency->p99_with_preempted, Duration(4ms)) << "a tenth of all is slow";
}

TEST(SampleLatency, EndsByItsBounds) {
  const struct {
    const char* why;
    LatencyPlan plan;
    int allowed;  // questions that are answered with yes
    std::int64_t samples;
    bool has_p99;
  } rows[] = {{"enough samples", {300, 100, 60s}, 1'000, 300, true},
              {"no time left", {300, 100, 20ms}, 1'000, 20, false},
              {"told to stop", {300, 100, 60s}, 2, 128, true},
              {"told not to begin", {300, 100, 60s}, 0, 0, false}};
  for (const auto& row : rows) {
    ManualClock clock;
    int asked = 0;
    const auto request = [&]() -> Status {
      clock.advance(1ms);
      return {};
    };
    const auto latency =
        sample_latency(request, clock, row.plan, [&] { return asked++ < row.allowed; });
    ASSERT_TRUE(latency.ok());
    EXPECT_EQ(latency->samples, row.samples) << row.why;
    EXPECT_EQ(latency->p99.has_value(), row.has_p99) << row.why;
    EXPECT_EQ(latency->p99_reason.empty(), row.has_p99)
        << row.why << ": a reason where none is known";
  }
}

// A model that answers with its input, on rows that know their own number.
TEST(ScoreTestRows, ScoresASampleWhenTheTimeIsOver) {
  constexpr std::int64_t kRows = 10'000;
  Prepared p;
  Column x;
  x.name = "x";
  for (std::int64_t i = 0; i < kRows; ++i) {
    x.numbers.push_back(static_cast<double>(i));
    p.target.values.push_back(static_cast<float>(i));
    if (i % 2 == 0) p.split.test.push_back(i);
  }
  p.target.task = Task::kRegression;
  p.data.table.rows = kRows;
  p.data.table.columns.push_back(std::move(x));
  Model model;
  model.graph.inputs = {{"x", ElementType::kFloat32, {-1, 1}, true}};
  OpCall same;
  same.op = "Identity";
  same.inputs = {"x"};
  same.outputs = {"prediction"};
  model.graph.nodes = {same};
  model.graph.outputs = {{"prediction", ElementType::kFloat32, {-1, 1}, true}};
  const auto session = Session::create(model, {1});
  ASSERT_TRUE(session.ok()) << session.error().to_string();
  const auto score = [&](int pieces) {
    return *score_test_rows(p, **session, 7, [&] { return --pieces > 0; });
  };
  const TestScores all = score(1'000);
  EXPECT_EQ(all.rows, kRows / 2);
  for (const auto& [target, predicted] : all.residuals) EXPECT_EQ(target, predicted);
  const TestScores none = score(0);
  EXPECT_EQ(none.rows, 2'048) << "one piece at least, so that there is a score";
  const TestScores two = score(2);
  EXPECT_EQ(two.rows, 4'096);
  float sum = 0;
  for (const auto& [target, predicted] : none.residuals) {
    EXPECT_EQ(target, predicted) << "answers stay beside their rows";
    sum += target;
  }
  EXPECT_NEAR(sum / static_cast<float>(none.residuals.size()), 5'000, 400)
      << "rows from everywhere, not the first ones";
}

}  // namespace
}  // namespace tenbin
