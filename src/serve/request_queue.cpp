// SPDX-License-Identifier: Apache-2.0
#include "serve/request_queue.h"

#include <algorithm>

namespace tenbin {
namespace {

constexpr int kOrdinary = 8;           // the rank of priority 0
constexpr std::size_t kLookedAt = 64;  // jobs whose deadlines are compared

int rank_of(int priority) { return priority == 0 ? kOrdinary : std::clamp(priority, 1, 16); }

}  // namespace

bool same_rows(const ServeJob& a, const ServeJob& b) {
  for (std::size_t i = 0; i < a.inputs.size(); ++i) {
    const Shape& x = a.inputs[i].shape();
    const Shape& y = b.inputs[i].shape();
    if (x.size() != y.size() || x.empty()) return false;
    if (!std::equal(x.begin() + 1, x.end(), y.begin() + 1)) return false;
  }
  return true;
}

void RequestQueue::push(ServeJob job) {
  ++count_;
  rows_ += job.rows;
  classes_[rank_of(job.request.priority)].push_back(std::move(job));
}

QueueSnapshot RequestQueue::snapshot(Duration now) const {
  QueueSnapshot out{rows_, Duration::max()};
  std::size_t seen = 0;
  for (const auto& [rank, jobs] : classes_) {
    for (const ServeJob& job : jobs) {
      if (++seen > kLookedAt) return out;
      if (job.request.deadline != Duration::max()) {
        out.tightest = std::min(out.tightest, job.request.deadline - now);
      }
    }
  }
  return out;
}

void RequestQueue::drop_front(std::deque<ServeJob>& jobs, std::vector<ServeJob>& dropped) {
  --count_;
  rows_ -= jobs.front().rows;
  dropped.push_back(std::move(jobs.front()));
  jobs.pop_front();
}

std::vector<ServeJob> RequestQueue::take(std::int64_t rows, Duration now, const Overload& overload,
                                         std::vector<ServeJob>& dropped) {
  std::vector<ServeJob> batch;
  std::int64_t taken = 0;
  for (auto& [rank, jobs] : classes_) {
    // Those in front came first: where one is too old for use, it would only be found last.
    while (!jobs.empty() && now - jobs.front().request.arrived > overload.useful) {
      jobs.front().too_old = true;
      drop_front(jobs, dropped);
    }
    while (!jobs.empty()) {
      ServeJob& next = overload.newest_first ? jobs.back() : jobs.front();
      const bool dead = next.cancelled() || next.request.deadline <= now;
      if (!dead && !batch.empty()) {
        const bool fits = next.version->batched && taken + next.rows <= rows;
        if (!fits || !same_rows(batch.front(), next)) return batch;
      }
      --count_;
      rows_ -= next.rows;
      if (!dead) taken += next.rows;
      (dead ? dropped : batch).push_back(std::move(next));
      if (overload.newest_first) {
        jobs.pop_back();
      } else {
        jobs.pop_front();
      }
      if (taken >= rows) return batch;
    }
  }
  return batch;
}

void RequestQueue::take_dead(Duration now, std::vector<ServeJob>& dropped) {
  for (auto& [rank, jobs] : classes_) {
    const auto dead = std::stable_partition(jobs.begin(), jobs.end(), [&](const ServeJob& job) {
      return !job.cancelled() && job.request.deadline > now;
    });
    for (auto at = dead; at != jobs.end(); ++at) {
      --count_;
      rows_ -= at->rows;
      dropped.push_back(std::move(*at));
    }
    jobs.erase(dead, jobs.end());
  }
}

}  // namespace tenbin
