// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/units.h"

namespace tenbin {

// The only door to time. Durations are differences of steady_now(); the wall clock is for display
// and for joining with prices. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Duration steady_now() = 0;       // CLOCK_MONOTONIC
  virtual std::int64_t wall_now_ns() = 0;  // nanoseconds since 1970, UTC
  // Time suspended since boot (BOOTTIME - MONOTONIC): a change means the machine slept.
  virtual Duration suspended() = 0;
  // CPU time of this process, all threads, and its waited-for children apart.
  virtual Duration process_cpu() = 0;
  virtual Duration children_cpu() = 0;
  // CPU time of the calling thread.
  virtual Duration thread_cpu() = 0;
  // How often the calling thread lost its core to another one while it had work (involuntary
  // context switches).
  virtual std::int64_t preemptions() = 0;
  // Blocks until the steady instant, or until interrupted.
  virtual void wait_until(Duration steady_instant) = 0;
};

Clock& real_clock();

// Moves only when told to.
class ManualClock : public Clock {
 public:
  Duration steady_now() override { return now_; }
  std::int64_t wall_now_ns() override { return wall_ns_ + now_.count(); }
  Duration suspended() override { return suspended_; }
  Duration process_cpu() override { return cpu_; }
  Duration children_cpu() override { return children_; }
  Duration thread_cpu() override { return cpu_; }
  std::int64_t preemptions() override { return preemptions_; }
  void wait_until(Duration instant) override {
    if (instant > now_) now_ = instant;
  }

  void advance(Duration by) { now_ += by; }
  void use_cpu(Duration by) { cpu_ += by; }
  void suspend(Duration by) { suspended_ += by; }
  void preempt() { ++preemptions_; }

 private:
  Duration now_{}, suspended_{}, cpu_{}, children_{};
  std::int64_t preemptions_ = 0;
  std::int64_t wall_ns_ = 1'700'000'000'000'000'000;
};

// "2026-01-31T23:59:59Z".
std::string utc_text(std::int64_t wall_ns);

}  // namespace tenbin
