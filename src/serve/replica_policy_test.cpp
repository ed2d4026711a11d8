// SPDX-License-Identifier: Apache-2.0
#include "serve/replica_policy.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(ReplicaPolicy, MeanWaitIsThatOfErlang) {
  // One server: W = rho / (mu - lambda) = 0.5 / 50 s.
  EXPECT_NEAR(in_seconds(mean_wait(50, 10ms, 1)), 0.01, 1e-9);
  // Two servers at 1.5 erlangs: C = 0.642857, W = C / (2 mu - lambda) = 0.642857 / 50.
  EXPECT_NEAR(in_seconds(mean_wait(150, 10ms, 2)), 0.642857 / 50, 1e-6);
  EXPECT_EQ(mean_wait(0, 10ms, 1), Duration::zero());
  EXPECT_EQ(mean_wait(200, 10ms, 2), Duration::max());
}

TEST(ReplicaPolicy, TakesWhatTheLoadNeedsAndComesDownInSteps) {
  struct Row {
    const char* why;
    ReplicaSnapshot seen;
    int next;
  };
  const Row rows[] = {
      {"nothing to do", {1, 8, 0, 10ms, 20ms, 0ms, 1h}, 1},
      {"one is enough", {1, 8, 50, 10ms, 20ms, 0ms, 1h}, 1},
      {"one would wait too long", {1, 8, 80, 10ms, 20ms, 0ms, 0ms}, 2},
      {"many at once", {1, 8, 500, 10ms, 20ms, 0ms, 0ms}, 6},
      {"no more than there may be", {1, 4, 5000, 10ms, 20ms, 0ms, 0ms}, 4},
      {"bursts: the mean is low, requests wait", {2, 8, 50, 10ms, 20ms, 90ms, 0ms}, 3},
      {"calm, but not for long", {4, 8, 50, 10ms, 20ms, 0ms, 29s}, 4},
      {"calm: one at a time", {4, 8, 50, 10ms, 20ms, 0ms, 31s}, 3},
  };
  for (const Row& row : rows) EXPECT_EQ(next_replicas(row.seen), row.next) << row.why;
}

}  // namespace
}  // namespace tenbin
