// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/load/bench.h"

namespace tenbin {

// One step of a measurement: an open loop at a rate, a closed one, or a trace.
struct BenchStep {
  std::optional<double> rate;
  int concurrency = 0;
  std::vector<Duration> arrivals;  // empty: closed
  std::string label;
};

// The steps that the options ask for, every option of theirs checked first. Errors kBadValue
// with the flag; those of the trace.
Result<std::vector<BenchStep>> bench_steps(const BenchOptions& options, FileSystem& files);

}  // namespace tenbin
