// SPDX-License-Identifier: Apache-2.0
#include "platform/net/event_loop.h"

#include <gtest/gtest.h>

#include <thread>

#include "platform/clock.h"
#include "platform/net/byte_stream.h"
#include "platform/net/socket.h"

namespace tenbin {
namespace {

// Calls a function for each readiness.
class Told final : public ReadinessHandler {
 public:
  explicit Told(std::function<void(Readiness)> call) : call_(std::move(call)) {}
  void ready(Readiness readiness) override { call_(readiness); }

 private:
  std::function<void(Readiness)> call_;
};

TEST(EventLoop, RunsTimersInTheirOrderAndNoneThatWasCancelled) {
  auto loop = EventLoop::create().value();
  std::string order;
  const Duration now = real_clock().steady_now();
  loop->start_timer(now + 3ms, [&] {
    order += 'c';
    loop->stop();
  });
  loop->start_timer(now + 1ms, [&] { order += 'a'; });
  const auto never = loop->start_timer(now + 2ms, [&] { order += 'x'; });
  loop->start_timer(now + 2ms, [&] { order += 'b'; });
  loop->cancel_timer(never);
  loop->run();
  EXPECT_EQ(order, "abc");
}

TEST(EventLoop, RunsWhatOtherThreadsPostOnItsOwn) {
  auto loop = EventLoop::create().value();
  constexpr int kCalls = 10'000;
  int ran = 0;
  std::thread::id where;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kCalls; ++i) {
        loop->post([&] {
          where = std::this_thread::get_id();
          if (++ran == 4 * kCalls) loop->stop();
        });
      }
    });
  }
  loop->run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ran, 4 * kCalls);
  EXPECT_EQ(where, std::this_thread::get_id());
}

TEST(EventLoop, RunsWhatWasPostedBeforeItStopped) {
  auto loop = EventLoop::create().value();
  bool ran = false;
  loop->stop();
  loop->post([&] { ran = true; });
  loop->run();
  EXPECT_TRUE(ran) << "an answer must not be lost at the end";
}

TEST(EventLoop, CallsAfterEachRoundAndAgainWhenAsked) {
  auto loop = EventLoop::create().value();
  int rounds = 0;
  loop->after_each_round([&] {
    if (++rounds == 5) loop->stop();
    return Duration::zero();  // at once
  });
  loop->run();
  EXPECT_EQ(rounds, 5);
}

TEST(EventLoop, CarriesBytesBothWaysOverASocket) {
  auto loop = EventLoop::create().value();
  const Socket listener = listen_at({"127.0.0.1", 0}).value();
  const NetAddress address = address_of(listener).value();
  Socket client = connect_to(address).value();
  std::unique_ptr<ByteStream> server;
  std::string got, echoed;
  std::array<std::byte, 64> buffer{};
  const auto text = [&](const IoResult& result) {
    return std::string(reinterpret_cast<const char*>(buffer.data()), result.bytes);
  };
  Told reader([&](Readiness) {
    const IoResult result = server->read(buffer);
    if (result.outcome == IoOutcome::kEnd) return loop->stop();
    got += text(result);
    server->write("<" + text(result), ">");
  });
  Told acceptor([&](Readiness) {
    auto accepted = accept_from(listener).value();
    ASSERT_TRUE(accepted.has_value());
    EXPECT_EQ(accepted->peer, "127.0.0.1");
    server = plain_stream(std::move(accepted->socket));
    ASSERT_TRUE(loop->watch(server->descriptor(), reader, true, false).ok());
  });
  Told answer([&](Readiness) {
    echoed += text(client.read(buffer));
    if (echoed == "<hello>") client.finish_writing();
  });
  Told begin([&](Readiness) {
    ASSERT_TRUE(connected(client, address).ok());
    EXPECT_EQ(client.write("hel", "lo").bytes, 5u);
    ASSERT_TRUE(loop->watch(client.descriptor(), answer, true, false).ok());
  });
  ASSERT_TRUE(loop->watch(listener.descriptor(), acceptor, true, false).ok());
  ASSERT_TRUE(loop->watch(client.descriptor(), begin, false, true).ok());
  EXPECT_EQ(loop->watched(), 2);
  loop->run();
  EXPECT_EQ(got, "hello");
  EXPECT_EQ(echoed, "<hello>");
}

TEST(Socket, SaysWhyItCannotListenOrConnect) {
  const Socket taken = listen_at({"127.0.0.1", 0}).value();
  const NetAddress address = address_of(taken).value();
  const auto again = listen_at(address);
  ASSERT_FALSE(again.ok());
  EXPECT_NE(again.error().hint().find("--port 0"), std::string::npos);
  EXPECT_EQ(again.error().where(), to_text(address));
  EXPECT_FALSE(listen_at({"192.0.2.1", 0}).ok()) << "not an address of this machine";
  EXPECT_FALSE(listen_at({"no such host", 80}).ok());
  EXPECT_EQ(to_text(NetAddress{"::1", 80}), "[::1]:80");
}

TEST(Socket, KnowsItsOwnMachine) {
  for (const char* ours : {"127.0.0.1", "127.9.9.9", "::1", "localhost"}) {
    EXPECT_TRUE(is_loopback(ours)) << ours;
  }
  for (const char* other : {"0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "127.0.0.1.example", ""}) {
    EXPECT_FALSE(is_loopback(other)) << other;
  }
}

}  // namespace
}  // namespace tenbin
