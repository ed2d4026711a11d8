// SPDX-License-Identifier: Apache-2.0
#include "serve/compute_pool.h"

#include "platform/clock.h"

namespace tenbin {

ComputePool::ComputePool(int threads, LineOptions options, Clock& clock,
                         BatchAccountant* accountant)
    : options_(options), clock_(clock), accountant_(accountant) {
  options_.threads = threads;
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this, i] { work(static_cast<std::size_t>(i)); });
  }
}

ComputePool::~ComputePool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  std::vector<ServeJob> left;
  for (auto& [version, entry] : entries_) {
    while (!entry.line.empty()) {
      for (ServeJob& job : entry.line.next(clock_.steady_now(), left))
        left.push_back(std::move(job));
    }
  }
  for (ServeJob& job : left) {
    refuse(job, Error(ErrorCode::kNotReady, "the server has stopped"));
  }
}

void ComputePool::submit(ServeJob job) {
  std::optional<Error> refused;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_
                       .try_emplace({job.version.get(), job.background},
                                    Entry{ServeLine(job.version, options_)})
                       .first->second;
    refused = entry.line.join(job, clock_.steady_now());
  }
  if (refused) return refuse(job, *refused);
  wake_.notify_one();
}

std::optional<Error> ComputePool::refusal(const ServedVersion& version, Duration arrived,
                                          Duration deadline) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find({&version, false});
  if (found == entries_.end()) return std::nullopt;
  return found->second.line.refusal(arrived, deadline, clock_.steady_now());
}

ComputePool::Entry* ComputePool::next_entry() {
  Entry* next = nullptr;
  bool background = true;
  for (auto at = entries_.begin(); at != entries_.end();) {
    Entry& entry = at->second;
    // The last to hold a version that is served no more lets it go.
    if (entry.line.empty() && entry.line.version().use_count() == 1) {
      at = entries_.erase(at);
      continue;
    }
    const bool behind = at->first.second;
    ++at;
    if (entry.line.empty() || (behind && !background)) continue;
    if (next == nullptr || behind < background || entry.served < next->served) {
      next = &entry;
      background = behind;
    }
  }
  return next;
}

void ComputePool::work(std::size_t thread) {
  std::unique_lock lock(mutex_);
  for (;;) {
    Entry* entry = next_entry();
    if (entry == nullptr) {
      if (stop_) return;
      wake_.wait(lock);
      continue;
    }
    entry->served = ++turns_;
    std::vector<ServeJob> dropped;
    std::vector<ServeJob> batch = entry->line.next(clock_.steady_now(), dropped);
    const std::size_t variant = entry->line.version()->current.load(std::memory_order_relaxed);
    lock.unlock();
    for (ServeJob& job : dropped) refuse(job, dropped_error(job));
    dropped.clear();
    if (!batch.empty()) run_batch(std::move(batch), variant, thread, clock_, accountant_);
    lock.lock();
  }
}

}  // namespace tenbin
