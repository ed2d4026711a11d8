// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "bench/harness/options.h"
#include "bench/harness/report.h"

namespace tenbin::bench {

// A piece of work that both sides do, and how it is judged.
struct Duel {
  std::string bench, case_name, what, unit;
  Json work;       // in the words of `prepare`, without a setting
  Json peer_work;  // members that differ for the peer
  Timing timing = Timing::kCpu;
  PeakKind peak = PeakKind::kFloat32;
  double work_each = 0;      // operations or bytes of one iteration
  std::int64_t answers = 1;  // iterations whose results are compared
  std::function<AnswerCheck(std::span<const double>, std::span<const double>)> same;
};

// Calibrates both sides, compares their answers, measures pairs, and prints. Both settings are the
// fastest of those the sides offer; where answers alone are checked, the first.
Result<Comparison> compare(const Duel& duel, const std::string& peer, const Options& options);

// Runs the duels against the peers and prints a line for each: `peer absent: reason` for what
// cannot run. Returns the exit code: 1 if an answer was wrong or a side failed. `done` (may be
// null) gets the comparisons that were made.
int run_duels(const std::vector<Duel>& duels, const std::vector<std::string>& peers,
              const Options& options, std::vector<Comparison>* done = nullptr);

}  // namespace tenbin::bench
