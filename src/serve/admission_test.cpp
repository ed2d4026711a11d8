// SPDX-License-Identifier: Apache-2.0
#include "serve/admission.h"

#include <gtest/gtest.h>

#include "serve/variant_policy.h"

namespace tenbin {
namespace {

TEST(Admission, TakesWhatCanBeAnsweredInTime) {
  struct Row {
    const char* why;
    LoadSnapshot load;
    Admission expected;
  };
  const std::vector<Row> rows = {
      {"an idle model", {0, 10, 0ms, 1ms, 30s, 1, 0.99}, Admission::kTake},
      {"a full queue", {10, 10, 5ms, 1ms, 30s, 1, 0}, Admission::kQueueFull},
      {"its turn would come too late", {5, 10, 5ms, 1ms, 4ms, 1, 0}, Admission::kTooLate},
      {"just in time", {5, 10, 3ms, 1ms, 4ms, 1, 0}, Admission::kTake},
      {"the deadline has passed", {0, 10, 0ms, 1ms, -1ms, 1, 0}, Admission::kTooLate},
      {"no deadline", {5, 10, 50s, 1ms, Duration::max(), 1, 0}, Admission::kTake},
      {"overloaded, an unlucky lot", {5, 10, 0ms, 1ms, 30s, 0.5, 0.6}, Admission::kOverload},
      {"overloaded, a lucky lot", {5, 10, 0ms, 1ms, 30s, 0.5, 0.4}, Admission::kTake},
      {"an empty queue is no overload", {0, 10, 0ms, 1ms, 30s, 0.5, 0.6}, Admission::kTake},
  };
  for (const Row& row : rows) EXPECT_EQ(decide(row.load), row.expected) << row.why;
}

TEST(Admission, ShareFallsFastAndRecoversSlowly) {
  const OverloadOptions options;
  EXPECT_DOUBLE_EQ(next_share(options, 1, 30ms, false), 0.95);
  EXPECT_DOUBLE_EQ(next_share(options, 0.5, 10ms, false), 0.51);
  EXPECT_DOUBLE_EQ(next_share(options, 1, 0ms, false), 1);
  double share = 1;
  for (int i = 0; i < 1000; ++i) share = next_share(options, share, 1s, false);
  EXPECT_DOUBLE_EQ(share, options.least) << "never all: else nothing would tell that it is over";
  int intervals = 0;
  for (; share < 1; ++intervals) share = next_share(options, share, 0ms, true);
  EXPECT_LE(intervals, 10) << "a second after the load has gone, all are taken";
}

TEST(Throttle, LetsABurstGoAndThenTheRate) {
  const ThrottleRate rate{10, 3};
  TokenBucket bucket;
  const Duration start = 1000s;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take_token(rate, bucket, start).go) << i;
  const Throttled fourth = take_token(rate, bucket, start);
  EXPECT_FALSE(fourth.go);
  EXPECT_EQ(fourth.retry, 100ms);
  EXPECT_FALSE(take_token(rate, bucket, start + 99ms).go);
  EXPECT_TRUE(take_token(rate, bucket, start + 101ms).go);
  EXPECT_TRUE(take_token(ThrottleRate{}, bucket, start).go) << "no rate, no limit";
}

TEST(VariantPolicy, DegradesAtOnceAndRestoresWithCare) {
  VariantSnapshot calm{
      .now = 1, .count = 3, .wait = 1ms, .target = 20ms, .busy = 0.1, .dearer = 4, .since = 3s};
  struct Row {
    const char* why;
    VariantSnapshot snapshot;
    std::size_t next;
  };
  const auto with = [&](auto change) {
    VariantSnapshot out = calm;
    change(out);
    return out;
  };
  const std::vector<Row> rows = {
      {"room for the dearer one", calm, 0},
      {"it would be too busy", with([](auto& s) { s.busy = 0.2; }), 1},
      {"the last change is too fresh", with([](auto& s) { s.since = 1s; }), 1},
      {"requests still wait", with([](auto& s) { s.wait = 10ms; }), 1},
      {"they wait too long", with([](auto& s) { s.wait = 30ms; }), 2},
      {"nothing is cheaper than the last", with([](auto& s) {
         s.now = 2;
         s.wait = 30ms;
       }),
       2},
      {"a change shows its effect first", with([](auto& s) {
         s.wait = 30ms;
         s.since = 50ms;
       }),
       1},
      {"the power budget asks for a cheaper one", with([](auto& s) { s.least = 2; }), 2},
      {"and keeps it", with([](auto& s) { s.least = 1; }), 1},
      {"more steps than variants", with([](auto& s) { s.least = 9; }), 2},
  };
  for (const Row& row : rows) EXPECT_EQ(next_variant(row.snapshot), row.next) << row.why;
}

}  // namespace
}  // namespace tenbin
