// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
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
  // A session may have become ready; what waits for one in vain is refused at its deadline.
  void poke();

 private:
  struct Entry {
    ServeLine line;
    std::uint64_t served = 0;  // turns of the pool: who was served longest ago is next
  };
  // A batch to be, and the session that will compute it.
  struct Turn {
    Entry* entry = nullptr;
    std::size_t variant = 0, session = 0;
  };
  void work();
  Turn next_turn();
  std::optional<std::size_t> free_session(const ServedVersion& version, std::size_t variant) const;

  LineOptions options_;
  Clock& clock_;
  BatchAccountant* accountant_;
  std::mutex mutex_;
  std::condition_variable wake_;
  // By version, and whether it is computed when nothing else waits.
  std::map<std::pair<const ServedVersion*, bool>, Entry> entries_;
  // Sessions that compute now; those of one index, of whichever variant, take turns.
  std::set<std::pair<const ServedVersion*, std::size_t>> busy_;
  std::uint64_t turns_ = 0;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tenbin
