// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "serve/run_batch.h"
#include "serve/serve_line.h"

namespace tenbin {

class Clock;

// Threads that compute what takes too long for those that read and write. Each takes the next batch
// of whichever version has waited longest for a turn. Thread-safe.
class ComputePool {
 public:
  ComputePool(int threads, LineOptions options, Clock& clock, BatchAccountant* accountant);
  // What waits is refused with kNotReady.
  ~ComputePool();
  ComputePool(const ComputePool&) = delete;

  // Its `done` is called on a thread of the pool, or here if it is refused.
  void submit(ServeJob job);
  // Why a request of one row would be refused; nothing: it would not, as far as can be told.
  std::optional<Error> refusal(const ServedVersion& version, Duration arrived, Duration deadline);

 private:
  struct Entry {
    ServeLine line;
    std::uint64_t served = 0;  // turns of the pool: who was served longest ago is next
  };
  void work(std::size_t thread);
  Entry* next_entry();

  LineOptions options_;
  Clock& clock_;
  BatchAccountant* accountant_;
  std::mutex mutex_;
  std::condition_variable wake_;
  // By version, and whether it is computed when nothing else waits.
  std::map<std::pair<const ServedVersion*, bool>, Entry> entries_;
  std::uint64_t turns_ = 0;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tenbin
