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

}  // namespace
}  // namespace tenbin
