// SPDX-License-Identifier: Apache-2.0
// Training that is stopped anywhere and resumed ends with the very weights of one that was not.
#include <gtest/gtest.h>

#include <algorithm>

#include "data/streams/streams.h"
#include "engine/checkpoint.h"
#include "engine/train.h"
#include "graph/nets/nets.h"

namespace tenbin {
namespace {

constexpr std::int64_t kRows = 90, kWidth = 4;

struct Rows {
  std::vector<float> features;
  std::vector<std::int64_t> labels;
  Rows(std::uint32_t seed, bool learnable) {
    std::uint32_t state = seed;
    const auto next = [&state] {
      state = state * 1664525u + 1013904223u;
      return static_cast<float>(state >> 8) / float(1 << 24) - 0.5F;
    };
    for (std::int64_t row = 0; row < kRows; ++row) {
      float sum = 0;
      for (std::int64_t column = 0; column < kWidth; ++column) {
        features.push_back(next());
        sum += features.back();
      }
      labels.push_back((learnable ? sum + next() : next()) > 0 ? 1 : 0);
    }
  }
  std::unique_ptr<BatchStream> stream(bool shuffle) const {
    RowTargets targets;
    targets.labels = labels;
    return dense_stream(features, {kWidth}, targets, {16, shuffle, 5, false});
  }
};

struct Resume : testing::Test {
  TrainOptions options() {
    TrainOptions o;
    o.epochs = 12;
    o.patience = 3;
    o.learning_rate = 2e-2;
    o.data = "rows 1";
    return o;
  }
  // Trains until done, or until before step `stop_at`; keeps the last checkpoint.
  Result<TrainResult> run(const TrainOptions& o, std::int64_t stop_at, std::string_view resume) {
    const auto train_rows = rows.stream(true), valid_rows = valid.stream(false);
    TrainHooks hooks;
    std::int64_t asked = 0;
    hooks.should_stop = [&]() -> std::optional<std::string> {
      if (asked++ < stop_at) return std::nullopt;
      return "enough";
    };
    hooks.score = score;
    hooks.save = [this](std::span<const std::byte> bytes) -> Status {
      last.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return {};
    };
    return train(*make_mlp(kWidth, {8}, 2, 3, 0.2F), *train_rows, *valid_rows, o, hooks, resume);
  }
  static std::string weights(const Graph& graph) {
    std::string out;
    for (const auto& [name, tensor] : graph.initializers) {
      out += name + ":" +
             std::string(reinterpret_cast<const char*>(tensor.bytes().data()), tensor.byte_size());
    }
    return out;
  }

  Rows rows{1, true}, valid{2, false};  // nothing generalises: validation gets worse soon
  std::string last;
  std::function<double(std::span<const float>, std::int64_t)> score;  // empty: by the loss
};

constexpr std::int64_t kNever = 1 << 30;

TEST_F(Resume, FromAnyStepEndsWithTheSameWeights) {
  const auto whole = run(options(), kNever, {});
  ASSERT_TRUE(whole.ok()) << whole.error().to_string();
  ASSERT_GE(whole->steps, 20);
  EXPECT_EQ(whole->reason, StopReason::kEarlyStop) << "so that resuming past it is tried too";
  for (std::int64_t stop = 0; stop < whole->steps + 8; ++stop) {
    const auto first = run(options(), stop, {});
    ASSERT_TRUE(first.ok()) << stop << first.error().to_string();
    const std::string kept = last;
    const auto rest = run(options(), kNever, kept);
    ASSERT_TRUE(rest.ok()) << stop << rest.error().to_string();
    EXPECT_EQ(weights(rest->best), weights(whole->best)) << "stopped before step " << stop;
    EXPECT_EQ(rest->steps, whole->steps) << stop;
    EXPECT_EQ(rest->best_epoch, whole->best_epoch) << stop;
    ASSERT_EQ(rest->curve.size(), whole->curve.size()) << stop;
    for (std::size_t i = 0; i < rest->curve.size(); ++i) {
      EXPECT_EQ(rest->curve[i].train_loss, whole->curve[i].train_loss) << stop << " epoch " << i;
    }
  }
}

TEST_F(Resume, InManyShortPartsEndsWithTheSameWeights) {
  const auto whole = run(options(), kNever, {});
  ASSERT_TRUE(whole.ok());
  std::string at;
  constexpr std::int64_t kAPart = 2;  // questions; one is spent on the short batch of an epoch
  Result<TrainResult> part = run(options(), kAPart, at);
  for (int i = 0; i < 1000 && part.ok() && part->reason == StopReason::kBudget; ++i) {
    at = last;
    part = run(options(), kAPart, at);
  }
  ASSERT_TRUE(part.ok()) << part.error().to_string();
  EXPECT_EQ(part->reason, StopReason::kEarlyStop);
  EXPECT_EQ(weights(part->best), weights(whole->best));
}

TEST_F(Resume, ACheckpointOfAnotherRunIsRefused) {
  ASSERT_TRUE(run(options(), 9, {}).ok());
  const std::string mine = last;
  TrainOptions other_rate = options(), other_seed = options(), other_data = options();
  other_rate.learning_rate *= 2;
  other_seed.seed = 99;
  other_data.data = "rows 2";
  const struct {
    const char* why;
    TrainOptions options;
  } cases[] = {{"another rate", other_rate},
               {"another seed", other_seed},
               {"the data changed under the run", other_data}};
  for (const auto& row : cases) {
    const auto refused = run(row.options, kNever, mine);
    ASSERT_FALSE(refused.ok()) << row.why;
    EXPECT_EQ(refused.error().code(), ErrorCode::kBadCheckpoint) << row.why;
  }
}

TEST_F(Resume, EveryFlippedBitAndEveryCutIsFound) {
  ASSERT_TRUE(run(options(), 9, {}).ok());
  const std::string good = last;
  ASSERT_TRUE(read_checkpoint(good).ok());
  const std::size_t stride = 7;  // prime to the sizes inside: every kind of field is hit
  for (std::size_t at = 0; at < good.size(); at += stride) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    const auto read = read_checkpoint(bad);
    ASSERT_FALSE(read.ok()) << "bit flipped in byte " << at;
    EXPECT_EQ(read.error().code(), ErrorCode::kBadCheckpoint);
    ASSERT_FALSE(read_checkpoint(std::string_view(good).substr(0, at)).ok()) << "cut at " << at;
  }
  EXPECT_FALSE(read_checkpoint(good + "x").ok()) << "longer than it was";
}

TEST_F(Resume, EndsItsScheduleWhereTheBudgetEnds) {
  TrainOptions o = options();
  o.patience = 0;
  const std::int64_t per_epoch = kRows / 16;
  const struct {
    const char* why;
    std::optional<std::int64_t> affordable;
    std::int64_t steps;
  } cases[] = {{"unlimited: all epochs", std::nullopt, o.epochs * per_epoch},
               {"more than the epochs ask for", 1'000, o.epochs * per_epoch},
               // Three of them are kept for the first validation, which no pace has seen yet.
               {"the end lies inside an epoch", 23, 20},
               {"nothing is left: one step", 0, 1}};
  for (const auto& row : cases) {
    const auto train_rows = rows.stream(true), valid_rows = valid.stream(false);
    TrainHooks hooks;
    hooks.affordable_steps = [&row](std::int64_t) { return row.affordable; };
    const auto result =
        train(*make_mlp(kWidth, {8}, 2, 3, 0.2F), *train_rows, *valid_rows, o, hooks, {});
    ASSERT_TRUE(result.ok()) << row.why << result.error().to_string();
    EXPECT_EQ(result->steps, row.steps) << row.why;
    EXPECT_EQ(result->reason, StopReason::kDone) << row.why;
    const EpochReport& final = result->curve.back();
    EXPECT_EQ(final.done, 1) << row.why;
    EXPECT_TRUE(final.valid_score) << row.why << ": the last weights are scored";
    if (row.steps > 1) {
      EXPECT_LT(final.learning_rate, 0.02 * o.learning_rate) << row.why;
    }
  }
}

// Equal scores, as of a few validation rows: the loss decides, in a resumed run as well.
TEST_F(Resume, OfEqualScoresTheLowerLossIsKept) {
  valid = Rows(2, true);
  score = [](std::span<const float>, std::int64_t) { return 0.5; };
  TrainOptions o = options();
  o.patience = 0;
  const auto whole = run(o, kNever, {});
  ASSERT_TRUE(whole.ok());
  const auto least = std::min_element(
      whole->curve.begin(), whole->curve.end(),
      [](const EpochReport& a, const EpochReport& b) { return *a.valid_loss < *b.valid_loss; });
  EXPECT_GT(least->epoch, 1) << "else the first would be right by chance";
  EXPECT_EQ(whole->best_epoch, least->epoch);
  for (const std::int64_t stop : {7, 23, 41}) {
    ASSERT_TRUE(run(o, stop, {}).ok());
    const auto rest = run(o, kNever, std::string(last));
    ASSERT_TRUE(rest.ok());
    EXPECT_EQ(rest->best_epoch, whole->best_epoch) << stop;
    EXPECT_EQ(weights(rest->best), weights(whole->best)) << stop;
  }
}

}  // namespace
}  // namespace tenbin
