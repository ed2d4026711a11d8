// SPDX-License-Identifier: Apache-2.0
#include "platform/net/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "platform/clock.h"

namespace tenbin {
namespace {

Error no_descriptor(const char* what) {
  return Error(ErrorCode::kNetwork, std::string(what) + " failed: " + std::strerror(errno),
               "event loop", "raise the limit of open files (ulimit -n)");
}

class EpollLoop final : public EventLoop {
 public:
  EpollLoop(int epoll, int wake) : epoll_(epoll), wake_(wake) {}
  ~EpollLoop() override {
    ::close(epoll_);
    ::close(wake_);
  }
  EpollLoop(const EpollLoop&) = delete;

  Status watch(int descriptor, ReadinessHandler& handler, bool read, bool write) override {
    epoll_event event{};
    event.events = (read ? EPOLLIN | EPOLLRDHUP : 0u) | (write ? EPOLLOUT : 0u);
    event.data.fd = descriptor;
    const bool known = handlers_.contains(descriptor);
    if (::epoll_ctl(epoll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event) != 0) {
      return no_descriptor("watching a descriptor");
    }
    // A watch that only changed keeps hearing the news of this round.
    if (!known) handlers_[descriptor] = Watched{&handler, generation_};
    handlers_[descriptor].handler = &handler;
    if (!known) watched_.fetch_add(1, std::memory_order_relaxed);
    return {};
  }

  void unwatch(int descriptor) override {
    if (handlers_.erase(descriptor) == 0) return;
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
    watched_.fetch_sub(1, std::memory_order_relaxed);
  }

  Timer start_timer(Duration at, std::function<void()> call) override {
    const Timer timer = ++last_timer_;
    timers_.emplace(std::pair(at, timer), std::move(call));
    due_[timer] = at;
    return timer;
  }

  void cancel_timer(Timer timer) override {
    const auto found = due_.find(timer);
    if (found == due_.end()) return;
    timers_.erase(std::pair(found->second, timer));
    due_.erase(found);
  }

  void post(std::function<void()> call) override {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = posted_.empty();
      posted_.push_back(std::move(call));
    }
    if (first) wake();
  }

  void stop() override {
    stopped_.store(true);
    wake();
  }

  void after_each_round(std::function<Duration()> call) override { after_round_ = std::move(call); }
  Duration now() const override { return now_; }
  std::int64_t watched() const override { return watched_.load(std::memory_order_relaxed); }

  void run() override {
    now_ = real_clock().steady_now();
    Duration wanted = after_round_ ? after_round_() : Duration::max();
    while (!stopped_.load()) {
      wait(wanted);
      run_posted();
      run_timers();
      wanted = after_round_ ? after_round_() : Duration::max();
    }
    run_posted();
    stopped_.store(false);
  }

 private:
  struct Watched {
    ReadinessHandler* handler;
    std::uint64_t since;  // the round in which it came: news of before is not for it
  };

  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
  }

  int milliseconds_until(Duration instant) const {
    if (!timers_.empty()) instant = std::min(instant, timers_.begin()->first.first);
    if (instant == Duration::max()) return -1;
    const Duration left = instant - real_clock().steady_now();
    if (left <= Duration::zero()) return 0;
    // Up to the next whole one: waking a little late beats spinning through the last fraction.
    const auto whole = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    return static_cast<int>(std::min<std::int64_t>(whole, 60'000));
  }

  void wait(Duration wanted) {
    const int count = ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()),
                                   milliseconds_until(wanted));
    now_ = real_clock().steady_now();
    ++generation_;
    for (int i = 0; i < count; ++i) tell(events_[static_cast<std::size_t>(i)]);
  }

  void tell(const epoll_event& event) {
    if (event.data.fd == wake_) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto got = ::read(wake_, &count, sizeof count);
      return;
    }
    // A descriptor that was closed in this round may be another one by now.
    const auto found = handlers_.find(event.data.fd);
    if (found == handlers_.end() || found->second.since == generation_) return;
    Readiness readiness;
    readiness.read = (event.events & (EPOLLIN | EPOLLRDHUP)) != 0;
    readiness.write = (event.events & EPOLLOUT) != 0;
    readiness.gone = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
    found->second.handler->ready(readiness);
  }

  void run_posted() {
    {
      const std::lock_guard lock(mutex_);
      running_.swap(posted_);
    }
    for (auto& call : running_) call();
    running_.clear();
  }

  void run_timers() {
    while (!timers_.empty() && timers_.begin()->first.first <= now_) {
      auto node = timers_.extract(timers_.begin());
      due_.erase(node.key().second);
      node.mapped()();
    }
  }

  int epoll_, wake_;
  std::unordered_map<int, Watched> handlers_;
  std::uint64_t generation_ = 1;
  std::atomic<std::int64_t> watched_{0};
  std::map<std::pair<Duration, Timer>, std::function<void()>> timers_;
  std::unordered_map<Timer, Duration> due_;
  Timer last_timer_ = 0;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_, running_;
  std::function<Duration()> after_round_;
  std::array<epoll_event, 256> events_{};
  std::atomic<bool> stopped_{false};
  Duration now_{};
};

}  // namespace

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return no_descriptor("epoll_create1");
  const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) {
    ::close(epoll);
    return no_descriptor("eventfd");
  }
  auto loop = std::make_unique<EpollLoop>(epoll, wake);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wake;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event) != 0) return no_descriptor("epoll_ctl");
  return std::unique_ptr<EventLoop>(std::move(loop));
}

}  // namespace tenbin
