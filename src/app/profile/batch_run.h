// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/profile/node_rows.h"
#include "engine/session.h"
#include "meter/meter.h"

namespace tenbin {

class Clock;

// Middle and quartiles of repeats.
struct Spread {
  Duration median{}, lo{}, hi{};
};
Spread spread_of(std::vector<Duration> times);  // not empty

// What was measured at one batch size.
struct BatchRun {
  std::int64_t rows = 1;
  Spread latency;               // of a run
  std::optional<Duration> p99;  // needs 2,000 runs
  std::int64_t samples = 0;
  std::int64_t preempted = 0;  // runs left out because another program took the core meanwhile
  EnergyEstimate energy;       // of all runs of the interval
  std::int64_t metered = 0;    // how many
  std::vector<StepTimes::Slot> slots;
  std::vector<Duration> watched;  // whole watched runs
  std::string no_steps;           // why there are none
};

// Runs `inputs` again and again: first warm, then alone for three fifths of `time`, then watched.
// At least 5 runs of each kind, whatever the time. The meter is read at both ends of the second
// part. Errors: those of the session.
Result<BatchRun> run_batch(Session& session, std::span<const Tensor> inputs, Duration time,
                           Meter& meter, Clock& clock);

}  // namespace tenbin
