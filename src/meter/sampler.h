// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "meter/source.h"

namespace tenbin {

// Reads a source at a fixed rate and hands the raw readings over through a ring of fixed size.
// Taking a sample allocates nothing and waits for nobody: the thread that finds another one reading
// lets its own tick pass. When the ring is full the sample is dropped and counted; as counters are
// cumulative, no energy is lost by it.
class Sampler {
 public:
  // All borrowed. `proc` has thread-self/schedstat, the CPU time of the sampling thread.
  Sampler(Source& source, Clock& clock, FileSystem& files, std::string proc, Duration interval);
  ~Sampler();

  // `make_room`: called on the sampling thread when the ring is half full; may drain, must not
  // wait.
  Status start(std::function<void()> make_room = {});
  bool stop();        // false if it was not running
  Duration sample();  // on the calling thread; the instant of the sample
  Duration due() const;

  // All counters of one sample share one instant: the middle of the sweep.
  struct Frame {
    Duration at{}, half_width{}, suspended{};
    std::span<const RawRead> reads;
  };
  // Takes out what was sampled, in order. One thread at a time.
  void drain(const std::function<void(const Frame&)>& take);

  Duration cpu() const { return Duration(cpu_ns_.load(std::memory_order_relaxed)); }
  std::int64_t samples() const { return samples_.load(std::memory_order_relaxed); }
  std::int64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  struct Slot {
    Duration at{}, half_width{}, suspended{};
  };
  void run();
  Duration take();  // holds `reading_`

  Source& source_;
  Clock& clock_;
  FileSystem& files_;
  std::string proc_;
  Duration interval_;
  std::size_t width_;
  std::vector<Slot> slots_;
  std::vector<RawRead> reads_;
  std::vector<RawRead> scratch_;
  std::atomic<std::uint64_t> head_{0}, tail_{0};
  std::mutex reading_;
  std::function<void()> make_room_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> cpu_ns_{0}, samples_{0}, dropped_{0}, due_ns_{0};
};

}  // namespace tenbin
