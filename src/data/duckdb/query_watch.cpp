// SPDX-License-Identifier: Apache-2.0
#include "data/duckdb/query_watch.h"

#include <chrono>

namespace tenbin {
namespace {

// Between two looks: what a budget may be passed by, and long beside a block of rows.
constexpr std::chrono::milliseconds kLook{20};

}  // namespace

QueryWatch::QueryWatch(StopQuestion may_go_on, std::function<void()> interrupt)
    : may_go_on_(std::move(may_go_on)), interrupt_(std::move(interrupt)) {
  if (may_go_on_) thread_ = std::thread([this] { watch(); });
}

QueryWatch::~QueryWatch() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void QueryWatch::begin() {
  if (!may_go_on_) return;
  const std::lock_guard lock(mutex_);
  busy_ = true;
  ++calls_;
}

Status QueryWatch::end() {
  if (!may_go_on_) return {};
  const std::lock_guard lock(mutex_);
  busy_ = false;
  return answer_ ? Status(*answer_) : Status();
}

// The lock is held while asking: end() waits, so the question never has two askers.
void QueryWatch::watch() {
  std::unique_lock lock(mutex_);
  std::int64_t seen = 0;  // the call that was under way at the last look
  while (!wake_.wait_for(lock, kLook, [this] { return closing_; })) {
    const bool lasts = busy_ && calls_ == seen;
    seen = calls_;
    if (!lasts) continue;
    if (!answer_) {
      const Status go = may_go_on_();
      if (!go.ok()) answer_ = go.error();
    }
    if (answer_) interrupt_();
  }
}

}  // namespace tenbin
