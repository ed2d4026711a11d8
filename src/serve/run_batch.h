// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "serve/request_queue.h"

namespace tenbin {

class Clock;

// What a batch took, for those who share out energy. Instants are steady.
struct BatchFacts {
  const ServedVersion* version = nullptr;
  std::size_t variant = 0;
  Duration begin{}, end{};
  Duration cpu{};  // of the thread
  std::int64_t rows = 0, padding = 0;
  std::size_t requests = 0;
};

// Hears of every batch on the thread that ran it, and says what it cost. Must not block.
class BatchAccountant {
 public:
  virtual ~BatchAccountant() = default;
  // The cost of the batch's rows, padding apart; nothing: not known.
  virtual std::optional<RequestCost> account(const BatchFacts& batch) = 0;
};

// Answers the jobs, all of one version and, if there are several, of equal rows, with one session
// of the variant; every job's `done` is called. Returns what the batch took.
BatchFacts run_batch(std::vector<ServeJob> jobs, std::size_t variant, std::size_t session,
                     Clock& clock, BatchAccountant* accountant);

// Refuses a job with an error, and counts that.
void refuse(ServeJob& job, const Error& error);

}  // namespace tenbin
