// SPDX-License-Identifier: Apache-2.0
#include "serve/batch_policy.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace tenbin {
namespace {

double per_row(const BatchTime& t) {
  return static_cast<double>(t.time.count()) / static_cast<double>(t.rows);
}

}  // namespace

Duration time_of(std::span<const BatchTime> times, std::int64_t rows) {
  assert(!times.empty());
  std::size_t above = 0;
  while (above < times.size() && times[above].rows < rows) ++above;
  if (above == 0) return times[0].time;
  if (above == times.size()) {
    const BatchTime& last = times.back();
    return Duration(static_cast<std::int64_t>(per_row(last) * static_cast<double>(rows)));
  }
  const BatchTime& a = times[above - 1];
  const BatchTime& b = times[above];
  const double share = static_cast<double>(rows - a.rows) / static_cast<double>(b.rows - a.rows);
  return a.time + Duration(static_cast<std::int64_t>(
                      share * static_cast<double>(b.time.count() - a.time.count())));
}

std::int64_t efficient_rows(std::span<const BatchTime> times) {
  assert(!times.empty());
  double best = std::numeric_limits<double>::infinity();
  for (const BatchTime& t : times) best = std::min(best, per_row(t));
  for (const BatchTime& t : times) {
    if (per_row(t) <= 1.05 * best) return t.rows;
  }
  return times.back().rows;
}

Duration row_cost(std::span<const BatchTime> times) {
  const std::int64_t rows = efficient_rows(times);
  return time_of(times, rows) / rows;
}

std::vector<std::int64_t> pieces_of(std::span<const BatchTime> times, std::int64_t rows) {
  assert(!times.empty() && rows >= 1);
  // The cheapest way to cover n rows, for all n: each of them ends with some piece.
  const auto most = static_cast<std::size_t>(rows);
  std::vector<std::int64_t> cost(most + 1, std::numeric_limits<std::int64_t>::max());
  std::vector<std::size_t> last(most + 1, 0);
  cost[0] = 0;
  for (std::size_t n = 1; n <= most; ++n) {
    for (std::size_t k = 0; k < times.size(); ++k) {
      const auto size = static_cast<std::size_t>(times[k].rows);
      // Padding must be worth more than the noise of a measurement.
      const std::int64_t time = times[k].time.count();
      const std::int64_t total = n >= size ? cost[n - size] + time : time + time / 10;
      if (total <= cost[n]) {  // of equals the larger: fewer runs
        cost[n] = total;
        last[n] = k;
      }
    }
  }
  std::vector<std::int64_t> pieces;
  for (std::size_t n = most; n > 0;) {
    const auto size = static_cast<std::size_t>(times[last[n]].rows);
    pieces.push_back(times[last[n]].rows);
    n = n > size ? n - size : 0;
  }
  std::sort(pieces.rbegin(), pieces.rend());
  return pieces;
}

std::int64_t rows_to_run(std::span<const BatchTime> times, const QueueSnapshot& queue,
                         const BatchLimits& limits) {
  if (queue.rows == 0) return 0;
  std::int64_t rows = std::min({queue.rows, efficient_rows(times), limits.most_rows});
  const Duration longest = std::min(limits.longest, queue.tightest);
  while (rows > 1 && time_of(times, rows) > longest) rows = (rows + 1) / 2;
  return std::max<std::int64_t>(rows, 1);
}

}  // namespace tenbin
