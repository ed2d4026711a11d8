// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

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
};
// Runs the raw test rows through the session in pieces.
Result<TestScores> score_test_rows(const Prepared& prepared, Session& session);

struct Latency {
  std::optional<Duration> p50, p99;
  std::string p99_reason;  // why p99 is not known
  std::int64_t samples = 0;
  std::vector<Duration> times;  // sorted
};
// One row at a time, closed loop, after warm-up: 10,000 samples, or as many as `most` time or
// `may_go_on` allows. p99 needs 2,000 samples, 20 beyond it.
Result<Latency> measure_latency(const Prepared& prepared, Session& session, Clock& clock,
                                Duration most, const std::function<bool()>& may_go_on);

struct Throughput {
  std::int64_t batch = 0;
  double rows_per_second = 0;
  Duration began{}, ended{};
  std::int64_t rows = 0;
};
// Batches of up to 256 raw test rows, at least one, for as long as `most` time and `may_go_on`
// allow.
Result<Throughput> measure_throughput(const Prepared& prepared, Session& session, Clock& clock,
                                      Duration most, const std::function<bool()>& may_go_on);

}  // namespace tenbin
