// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "serve/batch_policy.h"
#include "serve/request.h"
#include "serve/served_version.h"

namespace tenbin {

// A request that was checked: its inputs in the model's order.
struct ServeJob {
  InferRequest request;
  std::shared_ptr<ServedVersion> version;
  std::vector<Tensor> inputs;
  std::vector<std::size_t> wanted;  // indices of outputs
  std::int64_t rows = 1;
  bool background = false;  // computed when nothing else waits
  bool too_old = false;     // dropped under overload: its answer would be of no use

  bool cancelled() const {
    return request.cancelled != nullptr && request.cancelled->load(std::memory_order_relaxed);
  }
};

// Whether two jobs can share a batch: beyond their rows, their inputs have the same shapes.
bool same_rows(const ServeJob& a, const ServeJob& b);

// The jobs that wait for one version, by priority, then by arrival. Not thread-safe.
class RequestQueue {
 public:
  void push(ServeJob job);
  bool empty() const { return count_ == 0; }
  std::int64_t size() const { return count_; }
  QueueSnapshot snapshot(Duration now) const;
  // How a batch is taken under overload: those who came last still wait, those who came first have
  // mostly left, or would be answered too late to be of use.
  struct Overload {
    bool newest_first = false;
    Duration useful = Duration::max();  // since a job's arrival; older ones are dropped
  };
  // The next jobs that can be one batch of up to `rows` rows (one job may have more); those whose
  // client left or whose deadline has passed go to `dropped`.
  std::vector<ServeJob> take(std::int64_t rows, Duration now, const Overload& overload,
                             std::vector<ServeJob>& dropped);
  // Moves those that need not be answered any more to `dropped`.
  void take_dead(Duration now, std::vector<ServeJob>& dropped);

 private:
  void drop_front(std::deque<ServeJob>& jobs, std::vector<ServeJob>& dropped);

  std::map<int, std::deque<ServeJob>> classes_;  // by rank: lower goes first
  std::int64_t count_ = 0, rows_ = 0;
};

}  // namespace tenbin
