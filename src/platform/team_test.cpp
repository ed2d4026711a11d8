// SPDX-License-Identifier: Apache-2.0
#include "platform/team.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace tenbin {
namespace {

TEST(Team, DoesEveryPieceOnceInEveryRound) {
  for (const int threads : {1, 2, 5}) {
    Team team(threads);
    EXPECT_EQ(team.threads(), threads);
    std::array<std::atomic<int>, 37> done{};
    for (int round = 1; round <= 200; ++round) {
      const int pieces = round % 38;  // also none, and fewer than threads
      auto count = [&done](int piece) { ++done[static_cast<std::size_t>(piece)]; };
      team.run(pieces, count);
      for (std::size_t i = 0; i < done.size(); ++i) {
        EXPECT_EQ(done[i].exchange(0), static_cast<int>(i) < pieces ? 1 : 0)
            << threads << " threads, round " << round << ", piece " << i;
      }
    }
  }
}

TEST(Team, LetsNoRoundEndBeforeItsPiecesAreWritten) {
  Team team(3);
  std::array<int, 64> values{};  // plain memory: the end of a round must make it visible
  for (int round = 0; round < 500; ++round) {
    auto write = [&values, round](int piece) { values[static_cast<std::size_t>(piece)] = round; };
    team.run(static_cast<int>(values.size()), write);
    for (const int value : values) ASSERT_EQ(value, round);
  }
}

TEST(Team, GreetsOnEachOfItsOwnThreads) {
  std::atomic<int> greeted{0};
  {
    const Team team(4, [&greeted] { ++greeted; });
  }
  EXPECT_EQ(greeted, 3) << "the caller is the fourth";
}

}  // namespace
}  // namespace tenbin
