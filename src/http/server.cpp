// SPDX-License-Identifier: Apache-2.0
#include "http/server.h"

#include <array>
#include <atomic>
#include <latch>
#include <limits>
#include <map>
#include <thread>
#include <unordered_map>

#include "base/limits.h"
#include "http/connection.h"
#include "platform/clock.h"
#include "platform/net/tls.h"

namespace tenbin {
namespace {

constexpr Duration kSweep = 500ms;        // between looks for connections that keep us waiting
constexpr Duration kAcceptPause = 100ms;  // when no descriptors are left
constexpr int kAcceptedAtOnce = 64;       // before other work gets its turn

struct SharedCounts {
  std::atomic<std::int64_t> open{0}, accepted{0}, refused{0};
};

// One thread: its listeners, their connections and their work.
class ServerLoop final : public ConnectionHost, private ReadinessHandler {
 public:
  ServerLoop(std::unique_ptr<EventLoop> loop, std::vector<Socket> listeners, SharedCounts& counts,
             std::shared_ptr<TlsContext> tls)
      : loop_(std::move(loop)),
        listeners_(std::move(listeners)),
        counts_(counts),
        tls_(std::move(tls)) {}
  ~ServerLoop() override {
    stop();
    connections_.clear();
  }

  EventLoop& loop() override { return *loop_; }
  std::span<std::byte> read_buffer() override { return buffer_; }
  bool draining() const override { return draining_; }
  void dispatch(const std::shared_ptr<Exchange>& exchange) override { work_->handle(exchange); }
  HeadVerdict judge(const std::shared_ptr<Exchange>& exchange) override {
    return work_->judge(exchange);
  }
  void ended(Connection& connection) override { ended_.push_back(&connection); }
  void call_after_round(Connection& connection) override { called_.push_back(&connection); }

  void start(const MakeLoopWork& make_work, int index, std::latch& started) {
    thread_ = std::thread([this, &make_work, index, &started] {
      work_ = make_work(*loop_, index);
      watch_listeners();
      loop_->after_each_round([this] {
        const Duration wanted = work_->after_round();
        send_gathered();
        bury();
        return wanted;
      });
      loop_->start_timer(loop_->now(), [this] { sweep(); });
      started.count_down();
      loop_->run();
      connections_.clear();
      ended_.clear();
      work_.reset();
    });
  }

  // Thread-safe: what is under way ends, nothing new is accepted.
  void drain() {
    loop_->post([this] {
      unwatch_listeners();
      // All who wait, last: who comes after it is reset by the kernel.
      accept_waiting(std::numeric_limits<int>::max());
      listeners_.clear();
      draining_ = true;
      for (auto& [key, connection] : connections_) connection->drain();
      bury();
    });
  }
  std::int64_t open() const { return open_.load(); }

  void stop() {
    if (!thread_.joinable()) return;
    loop_->stop();
    thread_.join();
  }

 private:
  void ready(Readiness /*readiness*/) override { accept_waiting(kAcceptedAtOnce); }

  void watch_listeners() {
    for (const Socket& listener : listeners_) {
      [[maybe_unused]] const Status watching =
          loop_->watch(listener.descriptor(), *this, true, false);
    }
  }
  void unwatch_listeners() {
    for (const Socket& listener : listeners_) loop_->unwatch(listener.descriptor());
  }

  void accept_waiting(int most) {
    for (const Socket& listener : listeners_) {
      for (int i = 0; i < most; ++i) {
        auto accepted = accept_from(listener);
        if (!accepted.ok()) return pause_accepting();
        if (!*accepted) break;
        admit(std::move(**accepted));
      }
    }
  }

  // Without descriptors the listeners stay ready: looking again at once would only spin.
  void pause_accepting() {
    unwatch_listeners();
    loop_->start_timer(loop_->now() + kAcceptPause, [this] {
      if (!draining_) watch_listeners();
    });
  }

  void admit(Accepted accepted) {
    const bool ours = is_loopback(accepted.peer);
    std::int64_t& of_source = sources_[accepted.peer];
    if (counts_.open.load() >= limits::kConnections ||
        (!ours && of_source >= limits::kConnectionsPerSource)) {
      counts_.refused.fetch_add(1);
      if (of_source == 0) sources_.erase(accepted.peer);
      return;
    }
    std::unique_ptr<ByteStream> stream =
        tls_ ? tls_->accept(std::move(accepted.socket)) : plain_stream(std::move(accepted.socket));
    if (stream == nullptr) return;
    ++of_source;
    counts_.accepted.fetch_add(1);
    counts_.open.fetch_add(1);
    open_.fetch_add(1);
    auto connection =
        std::make_unique<Connection>(*this, std::move(stream), std::move(accepted.peer));
    Connection& added = *connection;
    connections_.emplace(&added, std::move(connection));
    if (!added.start().ok()) added.end();
  }

  void sweep() {
    for (auto& [key, connection] : connections_) connection->check_time();
    bury();
    loop_->start_timer(loop_->now() + kSweep, [this] { sweep(); });
  }

  // What connections made in this round goes out in one piece each.
  void send_gathered() {
    while (!called_.empty()) {
      std::vector<Connection*> called;
      called.swap(called_);
      for (Connection* connection : called) connection->round_ended();
    }
  }

  // Destroys the connections that have ended.
  void bury() {
    while (!ended_.empty()) {
      std::vector<Connection*> ended;
      ended.swap(ended_);
      for (Connection* connection : ended) {
        const auto found = connections_.find(connection);
        if (found == connections_.end()) continue;
        if (auto source = sources_.find(connection->peer());
            source != sources_.end() && --source->second <= 0) {
          sources_.erase(source);
        }
        counts_.open.fetch_sub(1);
        open_.fetch_sub(1);
        std::erase(called_, connection);
        connections_.erase(found);
      }
    }
  }

  std::unique_ptr<EventLoop> loop_;
  std::vector<Socket> listeners_;  // one a port
  SharedCounts& counts_;
  std::shared_ptr<TlsContext> tls_;
  std::unique_ptr<LoopWork> work_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::map<std::string, std::int64_t> sources_;  // connections of each address
  std::vector<Connection*> ended_, called_;
  std::array<std::byte, 64u << 10> buffer_{};
  std::atomic<std::int64_t> open_{0};
  bool draining_ = false;
  std::thread thread_;
};

class LoopedServer final : public HttpServer {
 public:
  explicit LoopedServer(MakeLoopWork make_work) : make_work_(std::move(make_work)) {}
  ~LoopedServer() override {
    for (auto& loop : loops_) loop->stop();
  }

  Status open(const HttpServerOptions& options) {
    addresses_ = {options.address};
    for (const int port : options.more_ports) addresses_.push_back({options.address.host, port});
    for (NetAddress& address : addresses_) {
      if (options.loops == 1) break;
      // Shared listeners would join those of another server of ours: first see that none is there.
      TENBIN_TRY(const Socket alone, listen_at(address));
      TENBIN_TRY(address, address_of(alone));
    }
    for (int i = 0; i < options.loops; ++i) {
      std::vector<Socket> listeners;
      for (NetAddress& address : addresses_) {
        TENBIN_TRY(Socket listener, listen_at(address, {.shared = options.loops > 1}));
        TENBIN_TRY(address, address_of(listener));
        listeners.push_back(std::move(listener));
      }
      TENBIN_TRY(auto loop, EventLoop::create());
      loops_.push_back(std::make_unique<ServerLoop>(std::move(loop), std::move(listeners), counts_,
                                                    options.tls));
    }
    return {};
  }

  NetAddress address(std::size_t port) const override { return addresses_[port]; }

  void start() override {
    std::latch started(static_cast<std::ptrdiff_t>(loops_.size()));
    int index = 0;
    for (auto& loop : loops_) loop->start(make_work_, index++, started);
    started.wait();
  }

  std::int64_t drain(Duration at_most) override {
    for (auto& loop : loops_) loop->drain();
    const auto left = [this] {
      std::int64_t open = 0;
      for (const auto& loop : loops_) open += loop->open();
      return open;
    };
    Clock& clock = real_clock();
    const Duration until = clock.steady_now() + at_most;
    while (left() > 0 && clock.steady_now() < until) clock.wait_until(clock.steady_now() + 10ms);
    const std::int64_t cut = left();
    for (auto& loop : loops_) loop->stop();
    return cut;
  }

  HttpCounts counts() const override {
    return {counts_.open.load(), counts_.accepted.load(), counts_.refused.load()};
  }

 private:
  MakeLoopWork make_work_;
  SharedCounts counts_;
  std::vector<NetAddress> addresses_;  // one a port, in their order
  std::vector<std::unique_ptr<ServerLoop>> loops_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const HttpServerOptions& options,
                                                       MakeLoopWork make_work) {
  auto server = std::make_unique<LoopedServer>(std::move(make_work));
  TENBIN_CHECK(server->open(options));
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace tenbin
