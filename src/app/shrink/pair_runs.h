// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/session.h"
#include "meter/meter.h"
#include "plan/paired_proof.h"

namespace tenbin {

class Clock;

struct PairPlan {
  std::int64_t batch = 1;  // rows of a run
  int threads = 1;
  int pairs = 31;
  Duration block = 20ms;  // at least, and at least `runs` runs
  int runs = 20;
};

// Two models measured side by side: blocks of runs in turns, the order changing from pair to pair,
// the first run of a block thrown away.
struct PairRuns {
  PairPlan plan;
  std::vector<double> original_seconds, candidate_seconds;  // median run of each block
  std::vector<double> original_joules, candidate_joules;    // of a run; empty: not known
  std::string no_joules;                                    // why
  std::vector<double> original_runs, candidate_runs;        // every run [s], sorted
  Proven faster;                                            // times less time
  std::optional<Proven> fewer_joules;                       // times less energy
};

// A model, and what it is run on: inputs of several different batches, taken in turns, in the order
// that this session wants them.
struct PairSide {
  Session& session;
  std::vector<std::vector<Tensor>> inputs;
};

// Both sides have the same rows. Errors: those of the sessions, and that
// of `may_go_on`, which is asked between pairs.
Result<PairRuns> run_pairs(const PairSide& original, const PairSide& candidate,
                           const PairPlan& plan, Meter& meter, Clock& clock,
                           const std::function<Status()>& may_go_on);

// A quantile of sorted runs [s], if there are enough of them: twenty beyond it.
std::optional<double> quantile_of_runs(const std::vector<double>& sorted, double q);

}  // namespace tenbin
