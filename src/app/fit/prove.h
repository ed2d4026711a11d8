// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "app/fit/curves.h"
#include "app/fit/prepare.h"
#include "engine/score.h"
#include "engine/session.h"

namespace tenbin {

class Clock;

// The exported model on the rows it never saw.
struct TestScores {
  std::vector<Score> scores;                       // the leading one first
  std::vector<std::int64_t> confusion;             // classification: actual * classes + predicted
  std::vector<std::pair<float, float>> residuals;  // regression: target, predicted; at most 2,000
  std::vector<RocPoint> roc;                       // of two classes, the second is positive
  std::vector<CalibrationBin> calibration;
  std::int64_t rows = 0;  // that were scored
};
// Runs the raw test rows through the session in pieces, at least one, as long as `may_go_on` says
// so. In an order drawn by `seed`: what is scored by then is a fair sample. `most`: rows at once.
constexpr std::size_t kRowsAtOnce = 2'048;
Result<TestScores> score_test_rows(const Prepared& prepared, Session& session, std::uint64_t seed,
                                   const std::function<bool()>& may_go_on,
                                   std::size_t most = kRowsAtOnce);

// Of a closed loop of single requests on one thread.
struct Latency {
  std::optional<Duration> p50, p99;
  std::string p99_reason;       // why p99 is not known
  std::int64_t samples = 0;     // that the quantiles are of
  std::vector<Duration> times;  // those, sorted
  // Samples in whose time the thread lost its core to another program: kept apart, because they
  // tell of the neighbours. `p99_with_preempted` is of all.
  std::int64_t preempted = 0;
  std::optional<Duration> p99_with_preempted;
};
struct LatencyPlan {
  std::int64_t samples = 10'000;  // wanted without the preempted ones
  std::int64_t least = 2'000;     // for a p99: 20 beyond it
  Duration most{};                // of time
};
// Calls `request` until there are enough samples, the time is used up or `may_go_on` says no.
Result<Latency> sample_latency(const std::function<Status()>& request, Clock& clock,
                               const LatencyPlan& plan, const std::function<bool()>& may_go_on);

// One raw test row at a time, after warm-up.
Result<Latency> measure_latency(const Prepared& prepared, Session& session, Clock& clock,
                                Duration most, const std::function<bool()>& may_go_on);

struct Throughput {
  std::int64_t batch = 0;
  int threads = 0;
  double rows_per_second = 0;
  Duration began{}, ended{};
  std::int64_t rows = 0;
};
// Batches of up to 256 raw test rows (or `rows`, if less), at least one, for as long as `most` time
// and `may_go_on` allow.
Result<Throughput> measure_throughput(const Prepared& prepared, Session& session, Clock& clock,
                                      Duration most, const std::function<bool()>& may_go_on,
                                      std::size_t rows = kRowsAtOnce);

}  // namespace tenbin
