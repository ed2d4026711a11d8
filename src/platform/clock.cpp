// SPDX-License-Identifier: Apache-2.0
#include "platform/clock.h"

#include <sys/resource.h>
#include <time.h>

#include <cerrno>
#include <cstdio>

namespace tenbin {
namespace {

Duration read(clockid_t id) {
  timespec t{};
  ::clock_gettime(id, &t);
  return Duration(t.tv_sec * 1'000'000'000 + t.tv_nsec);
}

Duration cpu_of(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  const auto ns = [](const timeval& t) { return t.tv_sec * 1'000'000'000 + t.tv_usec * 1'000; };
  return Duration(ns(usage.ru_utime) + ns(usage.ru_stime));
}

class RealClock : public Clock {
 public:
  Duration steady_now() override { return read(CLOCK_MONOTONIC); }
  std::int64_t wall_now_ns() override { return read(CLOCK_REALTIME).count(); }
  Duration suspended() override { return read(CLOCK_BOOTTIME) - read(CLOCK_MONOTONIC); }
  Duration process_cpu() override { return read(CLOCK_PROCESS_CPUTIME_ID); }
  Duration children_cpu() override { return cpu_of(RUSAGE_CHILDREN); }
  Duration thread_cpu() override { return read(CLOCK_THREAD_CPUTIME_ID); }
  std::int64_t preemptions() override {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nivcsw;
  }
  void wait_until(Duration instant) override {
    const timespec t{static_cast<time_t>(instant.count() / 1'000'000'000),
                     static_cast<long>(instant.count() % 1'000'000'000)};
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr);
  }
};

}  // namespace

Clock& real_clock() {
  static RealClock clock;
  return clock;
}

std::string utc_text(std::int64_t wall_ns) {
  const auto s = static_cast<time_t>(wall_ns / 1'000'000'000);
  tm parts{};
  ::gmtime_r(&s, &parts);
  char text[32];
  const std::size_t length = ::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text, length);
}

}  // namespace tenbin
