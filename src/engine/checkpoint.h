// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/schedule.h"
#include "engine/train.h"

namespace tenbin {

// All that training needs to go on as if it had never stopped.
struct Checkpoint {
  std::int64_t epoch = 0;  // the epoch to go on in
  std::int64_t batch = 0;  // its next batch
  std::int64_t step = 0;
  std::int64_t best_epoch = 0;
  double best_score = 0;
  double best_loss = 0;  // on validation rows, at that score: the finer judge
  bool has_best = false;
  double epoch_loss = 0;  // sum so far, and the batches in it
  std::int64_t epoch_batches = 0;
  ScheduleState schedule;
  std::string settings;  // digest of graph and options: another run's is refused
  std::vector<EpochReport> curve;
  std::string state, best_state;  // TrainPlan::save_state()
};

// "TNBCKPT3", sections with lengths, SHA-256 of all before it. Bit-exact round trip.
std::string write_checkpoint(const Checkpoint& checkpoint);
// Error kBadCheckpoint: cut, altered, or of another version.
Result<Checkpoint> read_checkpoint(std::string_view bytes);

}  // namespace tenbin
