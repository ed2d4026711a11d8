// SPDX-License-Identifier: Apache-2.0
#include "serve/request_queue.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

class Queue : public testing::Test {
 protected:
  Queue() { version_->batched = true; }

  void push(Duration arrived, int priority = 0, Duration deadline = Duration::max()) {
    ServeJob job;
    job.version = version_;
    job.inputs.emplace_back(ElementType::kFloat32, Shape{1, 2});
    job.request.arrived = arrived;
    job.request.priority = priority;
    job.request.deadline = deadline;
    queue_.push(std::move(job));
  }
  static std::vector<int> arrivals(const std::vector<ServeJob>& jobs) {
    std::vector<int> out;
    for (const ServeJob& job : jobs) {
      out.push_back(static_cast<int>(in_milliseconds(job.request.arrived)));
    }
    return out;
  }

  std::shared_ptr<ServedVersion> version_ = std::make_shared<ServedVersion>();
  RequestQueue queue_;
  std::vector<ServeJob> dropped_;
};

TEST_F(Queue, TakesByPriorityThenByArrival) {
  push(1ms);
  push(2ms, 1);
  push(3ms);
  EXPECT_EQ(arrivals(queue_.take(8, 10ms, {}, dropped_)), (std::vector<int>{2, 1, 3}));
  EXPECT_TRUE(queue_.empty());
}

TEST_F(Queue, DropsWhoseDeadlineHasPassed) {
  push(1ms, 0, 5ms);
  push(2ms);
  EXPECT_EQ(arrivals(queue_.take(8, 10ms, {}, dropped_)), (std::vector<int>{2}));
  EXPECT_EQ(arrivals(dropped_), (std::vector<int>{1}));
  EXPECT_FALSE(dropped_.front().too_old);
}

TEST_F(Queue, UnderOverloadTheNewestGoFirstAndTheOldLeave) {
  for (const Duration at : {1ms, 2ms, 60ms, 70ms}) push(at);
  EXPECT_EQ(arrivals(queue_.take(1, 100ms, {true, 50ms}, dropped_)), (std::vector<int>{70}));
  EXPECT_EQ(arrivals(dropped_), (std::vector<int>{1, 2}));
  EXPECT_TRUE(dropped_.front().too_old);
  EXPECT_EQ(queue_.size(), 1);
}

TEST_F(Queue, WhatNobodyWaitsForIsTakenOutWhileNothingIsComputed) {
  push(1ms, 0, 5ms);
  push(2ms);
  push(3ms, 0, 6ms);
  queue_.take_dead(10ms, dropped_);
  EXPECT_EQ(arrivals(dropped_), (std::vector<int>{1, 3}));
  EXPECT_EQ(queue_.size(), 1);
  EXPECT_EQ(queue_.snapshot(10ms).rows, 1);
}

}  // namespace
}  // namespace tenbin
