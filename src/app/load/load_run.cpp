// SPDX-License-Identifier: Apache-2.0
#include "app/load/load_run.h"

#include <algorithm>
#include <deque>
#include <memory>

#include "platform/clock.h"
#include "platform/net/event_loop.h"

namespace tenbin {
namespace {

constexpr Duration kLook = 100ms;    // at the user's wish to stop
constexpr Duration kSpin = 2ms;      // before an arrival the loop does not sleep
constexpr Duration kRestart = 10ms;  // before a connection that failed is tried again

// What both loops share: connections, and what came.
class LoadRun {
 public:
  LoadRun(const LoadTarget& target, Clock& clock, EventLoop& loop, const LoadStop& stop)
      : target_(target), clock_(clock), loop_(loop), stop_(stop) {}

  // A connection, and when its present request was due. Callbacks of two pointers need no memory
  // of their own.
  struct Client {
    Client(EventLoop& loop, const ServerAddress& address) : http(loop, address) {}
    HttpClient http;
    Duration due{};
  };
  Client& add_client() {
    clients_.push_back(std::make_unique<Client>(loop_, target_.address));
    clients_.back()->http.keep_body = false;
    return *clients_.back();
  }
  std::size_t clients() const { return clients_.size(); }

  const std::string& next_request() {
    const std::string& request = target_.requests[turn_];
    turn_ = turn_ + 1 == target_.requests.size() ? 0 : turn_ + 1;
    ++samples_.sent;
    ++under_way_;
    return request;
  }

  void note(int status, Duration begun) {
    const Duration now = clock_.steady_now();
    --under_way_;
    ++samples_.statuses[status];
    if (status == 200) samples_.latencies.push_back(now - begun);
    last_ = now;
  }

  void watch_stop() {
    loop_.start_timer(clock_.steady_now() + kLook, [this] {
      if (stop_ && stop_()) {
        stopped_ = true;
        loop_.stop();
      }
      watch_stop();
    });
  }

  LoadSamples finish(Duration began) {
    samples_.took = std::max(last_, began) - began;
    samples_.unanswered = under_way_;
    samples_.connections = static_cast<int>(clients_.size());
    return std::move(samples_);
  }

  const LoadTarget& target_;
  Clock& clock_;
  EventLoop& loop_;
  const LoadStop& stop_;
  LoadSamples samples_;
  std::int64_t under_way_ = 0;
  Duration last_{};
  bool stopped_ = false;

 private:
  std::vector<std::unique_ptr<Client>> clients_;
  std::size_t turn_ = 0;
};

class OpenRun : public LoadRun {
 public:
  using LoadRun::LoadRun;

  LoadSamples run(std::span<const Duration> arrivals, Duration patience) {
    arrivals_ = arrivals;
    samples_.latencies.reserve(arrivals.size());
    began_ = clock_.steady_now();
    const Duration end = began_ + (arrivals.empty() ? Duration::zero() : arrivals.back());
    loop_.start_timer(end + patience, [this] { loop_.stop(); });
    watch_stop();
    loop_.after_each_round([this] { return send_due(); });
    loop_.run();
    samples_.unsent = static_cast<std::int64_t>(waiting_.size() + arrivals_.size() - next_);
    return finish(began_);
  }

 private:
  Duration send_due() {
    for (Duration now = clock_.steady_now();
         next_ < arrivals_.size() && began_ + arrivals_[next_] <= now; ++next_) {
      const Duration due = began_ + arrivals_[next_];
      samples_.latest = std::max(samples_.latest, now - due);
      waiting_.push_back(due);
      give_out();
      if (!waiting_.empty()) ++samples_.queued;
    }
    if (next_ < arrivals_.size()) {
      const Duration due = began_ + arrivals_[next_];
      return due - clock_.steady_now() < kSpin ? Duration::zero() : due - kSpin;
    }
    if (under_way_ == 0 && waiting_.empty()) loop_.stop();
    return Duration::max();
  }

  // Sends what waits over connections that are free, or new ones.
  void give_out() {
    while (!waiting_.empty()) {
      Client* client = nullptr;
      if (!free_.empty()) {
        client = free_.back();
        free_.pop_back();
      } else if (clients() < static_cast<std::size_t>(target_.most_connections)) {
        client = &add_client();
      } else {
        return;
      }
      client->due = waiting_.front();
      waiting_.pop_front();
      client->http.send(next_request(), [this, client](int status, std::string_view) {
        note(status, client->due);
        if (status == 0) {
          loop_.start_timer(clock_.steady_now() + kRestart, [this, client] { release(client); });
        } else {
          release(client);
        }
      });
    }
  }
  void release(Client* client) {
    free_.push_back(client);
    give_out();
  }

  std::span<const Duration> arrivals_;
  std::size_t next_ = 0;
  Duration began_{};
  std::deque<Duration> waiting_;  // for a connection, by their instants
  std::vector<Client*> free_;
};

class ClosedRun : public LoadRun {
 public:
  using LoadRun::LoadRun;

  LoadSamples run(int concurrency, Duration duration) {
    const Duration began = clock_.steady_now();
    end_ = began + duration;
    watch_stop();
    for (int i = 0; i < concurrency; ++i) next(add_client());
    loop_.start_timer(end_ + 5s, [this] { loop_.stop(); });
    loop_.run();
    return finish(began);
  }

 private:
  void next(Client& client) {
    client.due = clock_.steady_now();
    if (client.due >= end_) {
      if (under_way_ == 0) loop_.stop();
      return;
    }
    client.http.send(next_request(), [this, &client](int status, std::string_view) {
      note(status, client.due);
      if (status == 0) {
        loop_.start_timer(clock_.steady_now() + kRestart, [this, &client] { next(client); });
      } else {
        next(client);
      }
    });
  }
  Duration end_{};
};

Error stopped() { return Error(ErrorCode::kInterrupted, "stopped before its end"); }

}  // namespace

Result<LoadSamples> run_open_loop(const LoadTarget& target, std::span<const Duration> arrivals,
                                  Duration patience, Clock& clock, const LoadStop& stop) {
  TENBIN_TRY(const std::unique_ptr<EventLoop> loop, EventLoop::create());
  OpenRun run(target, clock, *loop, stop);
  LoadSamples samples = run.run(arrivals, patience);
  if (run.stopped_) return stopped();
  return samples;
}

Result<LoadSamples> run_closed_loop(const LoadTarget& target, int concurrency, Duration duration,
                                    Clock& clock, const LoadStop& stop) {
  TENBIN_TRY(const std::unique_ptr<EventLoop> loop, EventLoop::create());
  ClosedRun run(target, clock, *loop, stop);
  LoadSamples samples = run.run(concurrency, duration);
  if (run.stopped_) return stopped();
  return samples;
}

}  // namespace tenbin
