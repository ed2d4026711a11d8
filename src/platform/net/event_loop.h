// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"
#include "base/units.h"

namespace tenbin {

// What a descriptor is ready for. `gone`: the other side reset the connection, or an error waits.
struct Readiness {
  bool read = false, write = false, gone = false;
};

// Told by a loop, on its thread. May unwatch itself, and be destroyed, while it is told.
class ReadinessHandler {
 public:
  virtual ~ReadinessHandler() = default;
  virtual void ready(Readiness readiness) = 0;
};

// Waits for descriptors, timers and calls of other threads, and runs what each of them asks for, to
// its end, on the one thread that calls run(). Level-triggered epoll. All members belong to that
// thread, except post(), stop() and what is said to be so.
class EventLoop {
 public:
  // Error kNetwork: the kernel gives no descriptor.
  static Result<std::unique_ptr<EventLoop>> create();
  virtual ~EventLoop() = default;

  // Watches `descriptor` (borrowed) for being readable and, if `write`, writable. `handler` is
  // borrowed until unwatch(). Watching again changes `write`.
  virtual Status watch(int descriptor, ReadinessHandler& handler, bool read, bool write) = 0;
  virtual void unwatch(int descriptor) = 0;

  // Runs `call` once at the steady instant, or as soon after as the loop gets to it.
  using Timer = std::uint64_t;
  virtual Timer start_timer(Duration at, std::function<void()> call) = 0;
  virtual void cancel_timer(Timer timer) = 0;

  // Runs `call` on the loop's thread, soon. Thread-safe.
  virtual void post(std::function<void()> call) = 0;
  // run() returns after the round it is in. Thread-safe, and safe in a signal handler.
  virtual void stop() = 0;

  // Called after each round of events; returns the steady instant at which it wants to be called
  // again though nothing happened (Duration::max(): no need). This is where work that gathered
  // during the round is done.
  virtual void after_each_round(std::function<Duration()> call) = 0;

  // Returns after stop(). What was posted and not run yet is run.
  virtual void run() = 0;

  // The steady instant at which the present round began: a cheap clock.
  virtual Duration now() const = 0;
  // Descriptors watched. Thread-safe.
  virtual std::int64_t watched() const = 0;
};

}  // namespace tenbin
