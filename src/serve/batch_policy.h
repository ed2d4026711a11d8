// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/units.h"

namespace tenbin {

// Measured time of one run of so many rows.
struct BatchTime {
  std::int64_t rows = 1;
  Duration time{};
};
// Ascending by rows; never empty, the first is one row.
using BatchTimes = std::vector<BatchTime>;

// Time of a run of `rows`, between and beyond the measured ones by straight lines.
Duration time_of(std::span<const BatchTime> times, std::int64_t rows);

// The smallest batch whose rows cost hardly more (5 %) than those of any measured batch: larger
// ones only make their requests wait.
std::int64_t efficient_rows(std::span<const BatchTime> times);

// Of a row in batches of that size.
Duration row_cost(std::span<const BatchTime> times);

// The sizes that a batch is run in, largest first, of those that were measured: their sum may
// exceed `rows` (the rest is padding) where that is cheaper than another run.
std::vector<std::int64_t> pieces_of(std::span<const BatchTime> times, std::int64_t rows);

// What waits for a model at one instant.
struct QueueSnapshot {
  std::int64_t rows = 0;                // waiting
  Duration tightest = Duration::max();  // until the earliest deadline of those in front
};
struct BatchLimits {
  std::int64_t most_rows = 256;
  Duration longest = Duration::max();  // of one run: who comes next should not wait longer
};

// Rows to run now; 0: nothing waits. A free thread never waits for company: while it runs, the next
// batch gathers by itself, so the window is the service time and follows it. The batch is as large
// as is worth it, and no larger than its tightest deadline and `longest` allow; one row at least.
std::int64_t rows_to_run(std::span<const BatchTime> times, const QueueSnapshot& queue,
                         const BatchLimits& limits);

}  // namespace tenbin
