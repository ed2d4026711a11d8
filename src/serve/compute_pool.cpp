// SPDX-License-Identifier: Apache-2.0
#include "serve/compute_pool.h"

#include "platform/clock.h"

namespace tenbin {

ComputePool::ComputePool(int threads, LineOptions options, Clock& clock,
                         BatchAccountant* accountant)
    : options_(options), clock_(clock), accountant_(accountant) {
  options_.threads = threads;
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { work(); });
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
  const ServedVariant& variant = job.version->variants[job.version->current.load()];
  if (variant.replicas != nullptr) {
    if (const std::string why = variant.replicas->why_none(); !why.empty()) {
      return refuse(job, Error(ErrorCode::kNotReady, why));
    }
  }
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

void ComputePool::poke() {
  std::vector<ServeJob> dropped;
  {
    const std::lock_guard lock(mutex_);
    const Duration now = clock_.steady_now();
    bool waits = false;
    for (auto& [version, entry] : entries_) {
      if (entry.line.empty()) continue;
      entry.line.expire(now, dropped);
      waits = true;
    }
    if (waits) wake_.notify_all();
  }
  for (ServeJob& job : dropped) refuse(job, dropped_error(job));
}

std::optional<std::size_t> ComputePool::free_session(const ServedVersion& version,
                                                     std::size_t variant) const {
  const ServedVariant& chosen = version.variants[variant];
  for (std::size_t i = 0; i < chosen.sessions.size(); ++i) {
    if (!busy_.contains({&version, i}) && chosen.ready(i)) return i;
  }
  return std::nullopt;
}

ComputePool::Turn ComputePool::next_turn() {
  Turn next;
  bool background = true;
  for (auto at = entries_.begin(); at != entries_.end();) {
    Entry& entry = at->second;
    // The last to hold a version that is served no more lets it go.
    if (entry.line.empty() && entry.line.version().use_count() == 1) {
      at = entries_.erase(at);
      continue;
    }
    const bool behind = at->first.second;
    const ServedVersion& version = *at->first.first;
    ++at;
    if (entry.line.empty() || (behind && !background)) continue;
    const bool sooner =
        next.entry == nullptr || behind < background || entry.served < next.entry->served;
    if (!sooner) continue;
    const std::size_t variant = version.current.load(std::memory_order_relaxed);
    const auto session = free_session(version, variant);
    if (!session) continue;
    next = {&entry, variant, *session};
    background = behind;
  }
  return next;
}

void ComputePool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const Turn turn = next_turn();
    if (turn.entry == nullptr) {
      if (stop_) return;
      wake_.wait(lock);
      continue;
    }
    turn.entry->served = ++turns_;
    const std::shared_ptr<ServedVersion> version = turn.entry->line.version();
    std::vector<ServeJob> dropped;
    std::vector<ServeJob> batch = turn.entry->line.next(clock_.steady_now(), dropped);
    busy_.insert({version.get(), turn.session});
    lock.unlock();
    for (ServeJob& job : dropped) refuse(job, dropped_error(job));
    dropped.clear();
    if (!batch.empty()) {
      run_batch(std::move(batch), turn.variant, turn.session, clock_, accountant_);
    }
    lock.lock();
    busy_.erase({version.get(), turn.session});
    wake_.notify_one();  // its line may have been passed over for want of a session
  }
}

}  // namespace tenbin
