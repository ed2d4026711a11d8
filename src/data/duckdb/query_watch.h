// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "base/stop_question.h"

namespace tenbin {

// Asks a question while a call of a foreign library blocks this thread, and breaks the call off
// when the answer is no. The question is asked by a thread of this object, and only between begin()
// and end(), when the caller cannot ask it. Without a question there is no thread.
class QueryWatch {
 public:
  // `interrupt`: called by that thread until the call has ended; must be safe beside the call.
  QueryWatch(StopQuestion may_go_on, std::function<void()> interrupt);
  ~QueryWatch();
  QueryWatch(const QueryWatch&) = delete;
  QueryWatch& operator=(const QueryWatch&) = delete;

  // Around one call. end() gives the answer for which the call was broken off.
  void begin();
  Status end();

 private:
  void watch();

  StopQuestion may_go_on_;
  std::function<void()> interrupt_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool busy_ = false, closing_ = false;
  std::int64_t calls_ = 0;
  std::optional<Error> answer_;
  std::thread thread_;
};

}  // namespace tenbin
