// SPDX-License-Identifier: Apache-2.0
#include "platform/team.h"

#include <utility>

namespace tenbin {
namespace {

constexpr std::uint64_t kLower = 0xFFFFFFFFULL;

std::uint64_t opened(std::uint32_t round, std::uint32_t pieces) {
  return static_cast<std::uint64_t>(round) << 32 | pieces;
}

}  // namespace

Team::Team(int threads, const std::function<void()>& greet) {
  for (int i = 1; i < threads; ++i) {
    workers_.emplace_back([this, greet] {
      if (greet) greet();
      serve();
    });
  }
}

Team::~Team() {
  leaving_.store(true, std::memory_order_release);
  round_.fetch_add(1, std::memory_order_acq_rel);
  round_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void Team::serve() {
  std::uint32_t seen = 0;
  while (true) {
    round_.wait(seen, std::memory_order_acquire);
    seen = round_.load(std::memory_order_acquire);
    if (leaving_.load(std::memory_order_acquire)) return;
    work(seen);
  }
}

void Team::work(std::uint32_t round) {
  std::uint64_t open = open_.load(std::memory_order_acquire);
  while ((open >> 32) == round && (open & kLower) != 0) {
    if (!open_.compare_exchange_weak(open, open - 1, std::memory_order_acq_rel)) continue;
    // From here until the count below, run_all() waits for this thread: its fields stand.
    const auto left = static_cast<std::uint32_t>(open & kLower);
    task_(context_, static_cast<int>(pieces_ - left));
    if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished_.notify_all();
    open = open_.load(std::memory_order_acquire);
  }
}

void Team::run_all(int pieces, Task task, void* context) {
  if (pieces <= 0) return;
  if (workers_.empty()) {
    for (int piece = 0; piece < pieces; ++piece) task(context, piece);
    return;
  }
  task_ = task;
  context_ = context;
  pieces_ = static_cast<std::uint32_t>(pieces);
  unfinished_.store(pieces_, std::memory_order_release);
  const std::uint32_t round = round_.load(std::memory_order_relaxed) + 1;
  open_.store(opened(round, pieces_), std::memory_order_release);
  round_.store(round, std::memory_order_release);
  round_.notify_all();
  work(round);
  for (std::uint32_t left = unfinished_.load(std::memory_order_acquire); left != 0;
       left = unfinished_.load(std::memory_order_acquire)) {
    unfinished_.wait(left, std::memory_order_acquire);
  }
}

}  // namespace tenbin
