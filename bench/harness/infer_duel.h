// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/harness/cases.h"
#include "bench/harness/compare.h"

namespace tenbin::bench {

struct InferCase {
  std::string net;
  std::int64_t batch = 1;
};

// Forward passes of a case as a duel: the median latency, or CPU time where one thread works
// through a batch.
Result<Duel> inference_duel(const std::string& bench, InferCase c, CaseFiles& files,
                            const Options& options);

// A bench program that compares forward passes, both sides at the best of their thread settings:
// the median latency at batch 1, throughput above. Returns its exit code.
int run_inference(int argc, const char* const* argv, const std::string& bench,
                  const std::vector<InferCase>& cases);

}  // namespace tenbin::bench
