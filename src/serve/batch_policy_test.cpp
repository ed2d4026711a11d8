// SPDX-License-Identifier: Apache-2.0
#include "serve/batch_policy.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

// A fixed cost of 100 us and 10 us a row: large batches pay.
const BatchTimes kPays = {{1, 110us}, {2, 120us}, {4, 140us}, {8, 180us}, {16, 260us}, {32, 420us}};
// 100 us a row, whatever the batch.
const BatchTimes kFlat = {{1, 100us}, {2, 200us}, {4, 400us}, {8, 800us}};

TEST(BatchPolicy, TimesBetweenAndBeyondTheMeasuredOnes) {
  EXPECT_EQ(time_of(kPays, 1), 110us);
  EXPECT_EQ(time_of(kPays, 3), 130us);
  EXPECT_EQ(time_of(kPays, 12), 220us);
  EXPECT_EQ(time_of(kPays, 64), 840us) << "as the largest, by rows";
}

TEST(BatchPolicy, LargeBatchesOnlyWhereTheyPay) {
  EXPECT_EQ(efficient_rows(kPays), 32);
  EXPECT_EQ(efficient_rows(kFlat), 1) << "company would only make requests wait";
}

TEST(BatchPolicy, CoversRowsByTheCheapestPieces) {
  EXPECT_EQ(pieces_of(kPays, 1), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(pieces_of(kPays, 8), (std::vector<std::int64_t>{8}));
  EXPECT_EQ(pieces_of(kPays, 7), (std::vector<std::int64_t>{8})) << "a row of padding beats a run";
  EXPECT_EQ(pieces_of(kFlat, 7), (std::vector<std::int64_t>{4, 2, 1})) << "padding would cost";
  EXPECT_EQ(pieces_of(kPays, 40), (std::vector<std::int64_t>{32, 8}));
  EXPECT_EQ(pieces_of(BatchTimes{{1, 5us}}, 3), (std::vector<std::int64_t>{1, 1, 1}));
}

TEST(BatchPolicy, RunsWhatIsWorthItAndFitsTheDeadline) {
  struct Row {
    const char* why;
    const BatchTimes& times;
    QueueSnapshot queue;
    BatchLimits limits;
    std::int64_t rows;
  };
  const std::vector<Row> rows = {
      {"nothing waits", kPays, {0, Duration::max()}, {}, 0},
      {"one request does not wait for company", kPays, {1, Duration::max()}, {}, 1},
      {"all that waits", kPays, {20, Duration::max()}, {}, 20},
      {"no more than is worth it", kPays, {100, Duration::max()}, {}, 32},
      {"no company where it does not pay", kFlat, {100, Duration::max()}, {}, 1},
      {"the option's bound", kPays, {100, Duration::max()}, {16, Duration::max()}, 16},
      {"as large as the tightest deadline lets it", kPays, {32, 200us}, {}, 8},
      {"who comes next should not wait long", kPays, {32, Duration::max()}, {256, 150us}, 4},
      {"late is late: one row at least", kPays, {32, 1us}, {}, 1},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(rows_to_run(row.times, row.queue, row.limits), row.rows) << row.why;
  }
}

}  // namespace
}  // namespace tenbin
