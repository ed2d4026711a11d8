// SPDX-License-Identifier: Apache-2.0
#include "meter/sampler.h"

#include <array>

#include "platform/clock.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::size_t kRing = 2048;      // samples; 200 s at 10 Hz
constexpr Duration kLongestNap = 100ms;  // how long stop() may have to wait

std::int64_t first_number(ReadableFile& file) {
  std::array<std::byte, 64> text;
  const auto got = file.read_at(0, text);
  std::int64_t value = 0;
  for (std::size_t i = 0; got.ok() && i < *got; ++i) {
    const char c = static_cast<char>(text[i]);
    if (c < '0' || c > '9') break;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

Sampler::Sampler(Source& source, Clock& clock, FileSystem& files, std::string proc,
                 Duration interval)
    : source_(source),
      clock_(clock),
      files_(files),
      proc_(std::move(proc)),
      interval_(interval),
      width_(source.counters().size()),
      slots_(kRing),
      reads_(kRing * width_),
      scratch_(width_) {}

Sampler::~Sampler() { stop(); }

Status Sampler::start(std::function<void()> make_room) {
  if (thread_.joinable()) return {};
  make_room_ = std::move(make_room);
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
  return {};
}

bool Sampler::stop() {
  if (!thread_.joinable()) return false;
  stopping_ = true;
  thread_.join();
  return true;
}

void Sampler::run() {
  auto stat = files_.open(proc_ + "/thread-self/schedstat");
  Duration due = clock_.steady_now() + interval_;
  while (!stopping_.load(std::memory_order_relaxed)) {
    const Duration now = clock_.steady_now();
    if (now < due) {
      clock_.wait_until(std::min(due, now + kLongestNap));
      continue;
    }
    if (reading_.try_lock()) {
      take();
      reading_.unlock();
    }
    if (stat.ok()) cpu_ns_.store(first_number(**stat), std::memory_order_relaxed);
    const auto waiting =
        head_.load(std::memory_order_relaxed) - tail_.load(std::memory_order_relaxed);
    if (make_room_ && waiting > kRing / 2) make_room_();
    due += interval_;
    if (due <= now) due = now + interval_;  // late: ticks that passed are not caught up
  }
}

Duration Sampler::sample() {
  const std::lock_guard lock(reading_);
  return take();
}

Duration Sampler::due() const { return Duration(due_ns_.load(std::memory_order_relaxed)); }

Duration Sampler::take() {
  const Duration before = clock_.steady_now();
  source_.read(scratch_);
  const Duration after = clock_.steady_now();
  const Duration half = (after - before) / 2;
  due_ns_.store((before + interval_).count(), std::memory_order_relaxed);
  const std::uint64_t head = head_.load(std::memory_order_relaxed);
  if (head - tail_.load(std::memory_order_acquire) >= kRing) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return before + half;
  }
  const std::size_t at = static_cast<std::size_t>(head % kRing);
  slots_[at] = {before + half, half, clock_.suspended()};
  for (std::size_t i = 0; i < width_; ++i) reads_[at * width_ + i] = scratch_[i];
  head_.store(head + 1, std::memory_order_release);
  samples_.fetch_add(1, std::memory_order_relaxed);
  return before + half;
}

void Sampler::drain(const std::function<void(const Frame&)>& take) {
  std::uint64_t tail = tail_.load(std::memory_order_relaxed);
  const std::uint64_t head = head_.load(std::memory_order_acquire);
  for (; tail != head; ++tail) {
    const std::size_t at = static_cast<std::size_t>(tail % kRing);
    const Slot& slot = slots_[at];
    take({slot.at, slot.half_width, slot.suspended,
          std::span<const RawRead>(reads_).subspan(at * width_, width_)});
  }
  tail_.store(tail, std::memory_order_release);
}

}  // namespace tenbin
