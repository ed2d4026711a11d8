// SPDX-License-Identifier: Apache-2.0
// How long a connection waits for a client that is silent, slow, or does not read.
#include "http/connection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "http/exchange.h"
#include "platform/fakes/http2_frames.h"

namespace tenbin {
namespace {

// A loop whose time the test moves on.
struct HeldLoop final : EventLoop {
  Status watch(int, ReadinessHandler&, bool, bool) override { return {}; }
  void unwatch(int) override {}
  Timer start_timer(Duration, std::function<void()>) override { return 0; }
  void cancel_timer(Timer) override {}
  void post(std::function<void()>) override {}
  void stop() override {}
  void after_each_round(std::function<Duration()>) override {}
  void run() override {}
  Duration now() const override { return time; }
  std::int64_t watched() const override { return 1; }
  Duration time = 100s;
};

// What the client sent, and what it has read.
struct Line {
  std::string sent, read;
  std::size_t reads = 1u << 30;  // [B] it will still read
};

class ScriptedStream final : public ByteStream {
 public:
  explicit ScriptedStream(Line& line) : line_(line) {}
  int descriptor() const override { return 3; }
  IoResult read(std::span<std::byte> into) override {
    const std::size_t size = std::min(into.size(), line_.sent.size());
    if (size == 0) return {IoOutcome::kWouldBlock, 0};
    std::copy_n(line_.sent.data(), size, reinterpret_cast<char*>(into.data()));
    line_.sent.erase(0, size);
    return {IoOutcome::kDone, size};
  }
  IoResult write(std::string_view first, std::string_view second) override {
    const std::string all = std::string(first) + std::string(second);
    const std::size_t size = std::min(all.size(), line_.reads);
    line_.read += all.substr(0, size);
    line_.reads -= size;
    return {size == 0 ? IoOutcome::kWouldBlock : IoOutcome::kDone, size};
  }
  void finish_writing() override {}

 private:
  Line& line_;
};

// Answers each request with a body of `answer` bytes, if any.
class OneConnection final : public ConnectionHost {
 public:
  explicit OneConnection(std::size_t answer = 2) : answer_(answer) {
    connection_ =
        std::make_unique<Connection>(*this, std::make_unique<ScriptedStream>(line), "127.0.0.1");
    EXPECT_TRUE(connection_->start().ok());
  }
  EventLoop& loop() override { return loop_; }
  std::span<std::byte> read_buffer() override { return buffer_; }
  void dispatch(const std::shared_ptr<Exchange>& exchange) override {
    ++requests;
    if (answer_ == 0) return kept_.push_back(exchange);
    HttpResponse response;
    response.body = std::string(answer_, 'x');
    exchange->answer(std::move(response));
  }
  HeadVerdict judge(const std::shared_ptr<Exchange>& exchange) override {
    if (!refuses) return HeadVerdict::kReadBody;
    HttpResponse response;
    response.status = 401;
    exchange->answer(std::move(response));
    return HeadVerdict::kAnswered;
  }
  bool draining() const override { return draining_; }
  void call_after_round(Connection&) override { called_ = true; }
  void ended(Connection&) override { has_ended = true; }

  void send(const std::string& bytes) {
    line.sent += bytes;
    while (!line.sent.empty() && !has_ended) connection_->ready({true, false, false});
    if (std::exchange(called_, false)) connection_->round_ended();
  }
  void can_read(std::size_t bytes) {
    line.reads += bytes;
    connection_->ready({false, true, false});
  }
  void drain() {
    draining_ = true;
    connection_->drain();
    if (std::exchange(called_, false)) connection_->round_ended();
  }
  // A second of the server's watch.
  void second() {
    loop_.time += 1s;
    connection_->check_time();
    if (std::exchange(called_, false)) connection_->round_ended();
  }
  // After how many seconds it ended, `each` being done before each of them; -1: it is still there.
  int seconds_to_the_end(
      int most, const std::function<void(int)>& each = [](int) {}) {
    for (int second_now = 1; second_now <= most; ++second_now) {
      each(second_now);
      second();
      if (has_ended) return second_now;
    }
    return -1;
  }

  Line line;
  int requests = 0;
  bool refuses = false;  // whatever has a body still to come
  bool has_ended = false;

 private:
  HeldLoop loop_;
  std::array<std::byte, 4096> buffer_;
  std::size_t answer_;
  std::vector<std::shared_ptr<Exchange>> kept_;
  std::unique_ptr<Connection> connection_;
  bool called_ = false, draining_ = false;
};

std::string http2_headers(const std::string& length, char more = 0) {
  return http2_frame(kHeaders, static_cast<char>(kEndHeaders | more), 1,
                     field(":method", "POST") + field(":scheme", "http") + field(":path", "/") +
                         field(":authority", "a") + field("content-length", length));
}

const char kHead[] = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 102400\r\n\r\n";

TEST(Connection, IsEndedWhereTheClientKeepsItWaiting) {
  struct Row {
    const char* why;
    std::string first;      // sent at once
    std::string each;       // sent each second, for 50 s
    int earliest, latest;   // second of its end
    const char* last_word;  // what the client reads before it
  };
  const std::string data(2048, 'b');
  const Row rows[] = {
      {"nothing comes", "", "", 10, 13, ""},
      {"the beginning of a preface", "PRI * HT", "", 10, 13, ""},
      {"a head that never ends", "GET / HTTP/1.1\r\nA: ", "a", 10, 14, "HTTP/1.1 408 "},
      {"no request after the first", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "", 75, 79, "200 OK"},
      {"a body of which nothing comes", kHead, "", 5, 9, "HTTP/1.1 408 "},
      {"a body of 500 bytes a second", kHead, std::string(500, 'b'), 8, 14, "HTTP/1.1 408 "},
      {"a body of 2 KiB a second is taken", kHead, data, 50 + 75, 50 + 79, "200 OK"},
      {"HTTP/2: no stream", beginning(), "", 75, 79, ""},
      {"HTTP/2: a body of which nothing comes", beginning() + http2_headers("9999"), "", 75, 80,
       "the request came too slowly"},
      {"HTTP/2: a body of 500 bytes a second", beginning() + http2_headers("99999"),
       http2_frame(kData, 0, 1, std::string(500, 'b')), 120, 130, "the request came too slowly"},
      {"HTTP/2: a body of 2 KiB a second is waited for, until it stops and no ping is answered",
       beginning() + http2_headers("9999999"), http2_frame(kData, 0, 1, data), 89, 95, ""},
  };
  for (const Row& row : rows) {
    OneConnection one;
    one.send(row.first);
    const int end = one.seconds_to_the_end(300, [&](int second) {
      if (second <= 50) one.send(row.each);
    });
    EXPECT_GE(end, row.earliest) << row.why;
    EXPECT_LE(end, row.latest) << row.why;
    EXPECT_NE(one.line.read.find(row.last_word), std::string::npos) << row.why << one.line.read;
    const bool slow = one.line.read.find("too slowly") != std::string::npos;
    EXPECT_EQ(slow, std::string(row.last_word).find("408") != std::string::npos ||
                        std::string(row.last_word).find("slowly") != std::string::npos)
        << row.why;
  }
}

TEST(Connection, GivesUpAClientThatDoesNotRead) {
  const std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  OneConnection unread(1u << 20);
  unread.line.reads = 1000;
  unread.send(request);
  EXPECT_GE(unread.seconds_to_the_end(60), 10);
  EXPECT_TRUE(unread.has_ended);
  // One that reads slowly is served to the end.
  OneConnection slow(1u << 20);
  slow.line.reads = 1000;
  slow.send(request);
  EXPECT_GT(slow.seconds_to_the_end(300, [&](int) { slow.can_read(20'000); }), 53 + 75 - 2);
  EXPECT_GT(slow.line.read.size(), 1u << 20);
}

TEST(Connection, GivesUpAnHttp2ClientWhoseWindowStaysShut) {
  OneConnection shut(1u << 20);
  shut.send(beginning() + http2_headers("0", kEndStream));
  // The window is 65,535 bytes; the client lives, answers pings, and asks for no more.
  const std::string alive = http2_frame(kPing, kAcknowledges, 0, "12345678");
  const int end = shut.seconds_to_the_end(120, [&](int) { shut.send(alive); });
  EXPECT_GE(end, 30);
  EXPECT_LE(end, 36);
  OneConnection open(1u << 20);
  open.send(beginning() + http2_headers("0", kEndStream));
  const std::string more = http2_frame(kWindowUpdate, 0, 1, number(20'000)) +
                           http2_frame(kWindowUpdate, 0, 0, number(20'000));
  EXPECT_GT(open.seconds_to_the_end(300,
                                    [&](int second) {
                                      if (second <= 60) open.send(more);
                                    }),
            60 + 70);
  EXPECT_GT(open.line.read.size(), 1u << 20);
}

TEST(Connection, AsksAnHttp2ClientThatWaitsWhetherItIsThere) {
  const auto pings = [](const OneConnection& one) {
    const auto frames = frames_in(one.line.read);
    return std::count_if(frames.begin(), frames.end(), [](const SeenFrame& frame) {
      return frame.type == kPing && (frame.flags & kAcknowledges) == 0;
    });
  };
  OneConnection silent(0);  // its answer takes long
  silent.send(beginning() + http2_headers("0", kEndStream));
  const int end = silent.seconds_to_the_end(120);
  EXPECT_EQ(silent.requests, 1);
  EXPECT_GE(end, 40);
  EXPECT_LE(end, 46);
  EXPECT_EQ(pings(silent), 1);

  OneConnection there(0);
  there.send(beginning() + http2_headers("0", kEndStream));
  std::int64_t answered = 0;
  EXPECT_EQ(there.seconds_to_the_end(300,
                                     [&](int) {
                                       for (; answered < pings(there); ++answered) {
                                         there.send(http2_frame(kPing, kAcknowledges, 0,
                                                                std::string(8, '\0')));
                                       }
                                     }),
            -1);
  EXPECT_GE(answered, 10);
}

TEST(Connection, WhoMayNotAskIsToldBeforeTheBodyComes) {
  const std::string long_body = kHead;
  const struct {
    const char* why;
    std::string head;
    bool by_head, ends;
  } rows[] = {
      {"a long body", long_body, true, true},
      {"a body of unknown length",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", true, true},
      {"a client that asks first",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n", true,
       true},
      {"a short body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n", false, false},
      {"a stream", beginning() + http2_headers("102400"), true, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    OneConnection one;
    one.refuses = true;
    one.send(row.head);
    const bool http2 = row.head.starts_with("PRI");
    const auto frames = http2 ? frames_in(one.line.read) : std::vector<SeenFrame>();
    const bool answered =
        http2 ? std::ranges::any_of(frames, [](const auto& f) { return f.type == kHeaders; })
              : one.line.read.find("401") != std::string::npos;
    EXPECT_EQ(answered, row.by_head);
    EXPECT_EQ(one.line.read.find("connection: close") != std::string::npos, row.ends);
    EXPECT_EQ(one.line.read.find("100 Continue"), std::string::npos);
    one.send(http2 ? http2_frame(kData, kEndStream, 1, std::string(1000, 'x')) : "xx");
    EXPECT_EQ(one.requests, row.by_head ? 0 : 1);
  }
}

TEST(Connection, WhoMayAskKeepsTheConnection) {
  OneConnection one;
  const std::string request = std::string(kHead) + std::string(102400, 'x');
  one.send(request + request);
  EXPECT_EQ(one.requests, 2);
  EXPECT_FALSE(one.has_ended);
  EXPECT_EQ(one.line.read.find("connection: close"), std::string::npos);
}

// It was accepted: its request may be on its way in the moment in which the server stops.
TEST(Connection, WhoHasJustComeIsAnsweredWhileTheServerStops) {
  for (const std::string& request : {std::string("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                                     beginning() + http2_headers("0", kEndStream)}) {
    SCOPED_TRACE(request.substr(0, 4));
    OneConnection one;
    one.drain();
    EXPECT_FALSE(one.has_ended);
    one.send(request);
    EXPECT_EQ(one.requests, 1);
    EXPECT_NE(one.line.read.find("xx"), std::string::npos);
  }
  OneConnection silent;
  silent.drain();
  EXPECT_EQ(silent.seconds_to_the_end(5), 1) << "and is not waited for long";
}

}  // namespace
}  // namespace tenbin
