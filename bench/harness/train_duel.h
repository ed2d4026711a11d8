// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/harness/cases.h"
#include "bench/harness/compare.h"

namespace tenbin::bench {

struct TrainCase {
  std::string net;
  std::int64_t batch = 0;
  std::string precision;            // "fp32" or "bf16"
  std::string peer_precision = {};  // empty: the same
  std::int64_t answers = 0;         // steps whose losses are compared; 0: as the size tells
};

struct TrainSize {
  bool small = false;        // for checking answers: few rows, few steps
  std::int64_t batches = 0;  // distinct ones; 0: enough that learning goes on
};

// The training steps of a case as a duel of CPU time.
Result<Duel> training_duel(const std::string& bench, const TrainCase& c, CaseFiles& files,
                           const TrainSize& size);

// The gradient of every learned weight in a first step of a case, compared and not timed.
Result<Duel> gradient_duel(const std::string& bench, const TrainCase& c, CaseFiles& files);

// A bench program that compares training steps. Returns its exit code.
int run_training(int argc, const char* const* argv, const std::string& bench,
                 const std::vector<TrainCase>& cases);

}  // namespace tenbin::bench
