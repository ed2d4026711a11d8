// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/profile/batch_run.h"
#include "app/profile/machine_peaks.h"
#include "base/json.h"

namespace tenbin {

// One batch size of a profile: what ran, or why it did not.
struct ProfiledBatch {
  std::int64_t rows = 1;
  std::string error;  // empty: it ran
  BatchRun run;
  std::vector<NodeRow> nodes;
  std::string no_macs;  // why MACs are missing, if they are
  Bytes model;          // weights and largest activations: what the caches have to hold
};

struct ProfileFacts {
  MachinePeaks peaks;      // of one thread
  MachinePeaks all_peaks;  // of all threads of a run
  int threads = 1, threads_here = 1;
};

// The members of tenbin.profile/1 that come from measuring: batches, advice, verdict.
Json batch_json(const ProfiledBatch& batch, const ProfileFacts& facts);
Json advice_json(const std::vector<ProfiledBatch>& batches, const ProfileFacts& facts);
// "resnet18.onnx: 4.5 ms for a row ...".
std::string verdict_of(const std::string& name, const Json& batches);

}  // namespace tenbin
