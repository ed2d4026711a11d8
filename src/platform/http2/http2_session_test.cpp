// SPDX-License-Identifier: Apache-2.0
#include "platform/http2/http2_session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "platform/fakes/http2_frames.h"

namespace tenbin {
namespace {

std::string request_fields() {
  return field(":method", "POST") + field(":scheme", "http") + field(":path", "/a?b") +
         field(":authority", "localhost");
}

// Keeps what a session tells.
struct Told final : Http2Events {
  bool headers(std::int32_t stream, Http2Fields fields, bool last) override {
    requests[stream] = std::move(fields);
    ends[stream] = last;
    return true;
  }
  bool data(std::int32_t stream, std::string_view piece) override {
    bodies[stream] += piece;
    return true;
  }
  void last(std::int32_t stream) override { ends[stream] = true; }
  void closed(std::int32_t stream, bool reset) override { ended[stream] = reset; }

  std::map<std::int32_t, Http2Fields> requests;
  std::map<std::int32_t, std::string> bodies;
  std::map<std::int32_t, bool> ends, ended;
};

std::string output_of(Http2Session& session) {
  std::string out;
  for (std::string_view piece = session.next_output(); !piece.empty();
       piece = session.next_output()) {
    out += piece;
  }
  return out;
}

int count_of(const std::vector<SeenFrame>& frames, FrameType type, std::uint32_t stream) {
  return static_cast<int>(std::count_if(frames.begin(), frames.end(), [&](const SeenFrame& f) {
    return f.type == type && f.stream == stream;
  }));
}

struct GoneAway {
  bool sent = false;
  std::uint32_t code = 0;
};
// The GOAWAY among frames, if there is one.
GoneAway go_away_in(const std::string& frames) {
  for (const SeenFrame& frame : frames_in(frames)) {
    if (frame.type == kGoAway) return {true, static_cast<unsigned char>(frame.payload[7])};
  }
  return {};
}

TEST(Http2Session, CarriesRequestsAndAnswers) {
  Told told;
  auto session = Http2Session::create(told).value();
  const std::string bytes = beginning() + http2_frame(kHeaders, kEndHeaders, 1, request_fields()) +
                            http2_frame(kData, 0, 1, "hel") +
                            http2_frame(kData, kEndStream, 1, "lo");
  // A byte at a time: frames need not come whole.
  for (const char c : bytes) ASSERT_TRUE(session->take({&c, 1}, 1s));
  EXPECT_EQ(told.requests[1].at(2), (std::pair<std::string, std::string>{":path", "/a?b"}));
  EXPECT_EQ(told.bodies[1], "hello");
  EXPECT_TRUE(told.ends[1]);
  output_of(*session);
  session->respond(1, {{":status", "200"}}, false);
  session->send(1, "answer");
  EXPECT_NE(output_of(*session).find("answer"), std::string::npos);
  EXPECT_TRUE(told.ended.empty());
  session->finish(1, {{"grpc-status", "0"}});
  EXPECT_FALSE(output_of(*session).empty());
  ASSERT_TRUE(told.ended.contains(1));
  EXPECT_FALSE(told.ended[1]) << "it ended as it should";
  EXPECT_EQ(session->open_streams(), 0u);
}

TEST(Http2Session, TellsThatAClientLeft) {
  Told told;
  auto session = Http2Session::create(told).value();
  session->take(beginning() + http2_frame(kHeaders, kEndHeaders, 1, request_fields()) +
                    http2_frame(kReset, 0, 1, number(8)),
                1s);
  ASSERT_TRUE(told.ended.contains(1));
  EXPECT_TRUE(told.ended[1]);
  session->send(1, "to nobody");
  session->finish(1, {});
}

// Each does nothing but keep the server busy: ENHANCE_YOUR_CALM (11).
TEST(Http2Session, EndsConnectionsThatOnlyKeepItBusy) {
  struct Row {
    const char* why;
    std::string (*piece)(std::uint32_t turn);
    int most;
  };
  const std::vector<Row> rows = {
      {"resets (CVE-2023-44487)",
       [](std::uint32_t turn) {
         const std::uint32_t stream = 2 * turn + 1;
         return http2_frame(kHeaders, kEndHeaders, stream, request_fields()) +
                http2_frame(kReset, 0, stream, number(8));
       },
       210},
      {"settings", [](std::uint32_t) { return http2_frame(kSettings, 0, 0); }, 110},
      {"pings", [](std::uint32_t) { return http2_frame(kPing, 0, 0, "12345678"); }, 110},
      {"priorities",
       [](std::uint32_t) { return http2_frame(kPriority, 0, 3, number(0) + std::string(1, '\1')); },
       1010},
      {"empty data",
       [](std::uint32_t turn) {
         return (turn == 0 ? http2_frame(kHeaders, kEndHeaders, 1, request_fields())
                           : std::string()) +
                http2_frame(kData, 0, 1);
       },
       110},
      {"window updates", [](std::uint32_t) { return http2_frame(kWindowUpdate, 0, 0, number(1)); },
       1010},
      {"streams that we have to reset (CVE-2025-8671)",
       [](std::uint32_t turn) {
         const std::uint32_t stream = 2 * turn + 1;
         return http2_frame(kHeaders, kEndHeaders, stream, request_fields()) +
                http2_frame(kWindowUpdate, 0, stream, number(0x7fffffff));
       },
       210},
      {"CONTINUATION without end (CVE-2024-27316)",
       [](std::uint32_t turn) {
         return turn == 0 ? http2_frame(kHeaders, 0, 1, request_fields())
                          : http2_frame(kContinuation, 0, 1, field("a", "b"));
       },
       10},
  };
  for (const Row& row : rows) {
    Told told;
    auto session = Http2Session::create(told).value();
    ASSERT_TRUE(session->take(beginning(), 1s));
    bool good = true;
    std::uint32_t turn = 0;
    std::string out;
    while (good && turn < 2000) {
      good = session->take(row.piece(turn++), 1s);
      out += output_of(*session);
    }
    EXPECT_LE(turn, static_cast<std::uint32_t>(row.most)) << row.why;
    const GoneAway end = go_away_in(out);
    EXPECT_TRUE(end.sent) << row.why;
    EXPECT_EQ(end.code, 11u) << row.why;
  }
}

TEST(Http2Session, LetsTheSameBeSpreadOverTime) {
  Told told;
  auto session = Http2Session::create(told).value();
  ASSERT_TRUE(session->take(beginning(), 1s));
  for (int second = 0; second < 300; ++second) {
    ASSERT_TRUE(session->take(http2_frame(kPing, 0, 0, "12345678"), std::chrono::seconds(second)));
    output_of(*session);
  }
}

// Clients of gRPC ping with each piece of an answer, to measure the line, and widen their windows.
TEST(Http2Session, LetsAnswersEarnPingsAndWindowUpdates) {
  Told told;
  auto session = Http2Session::create(told).value();
  ASSERT_TRUE(session->take(beginning(), 1s));
  for (std::uint32_t turn = 0; turn < 3000; ++turn) {
    const std::uint32_t stream = 2 * turn + 1;
    const auto id = static_cast<std::int32_t>(stream);
    ASSERT_TRUE(session->take(
        http2_frame(kHeaders, kEndHeaders | kEndStream, stream, request_fields()), 1s));
    session->respond(id, {{":status", "200"}}, false);
    session->send(id, "answer");
    session->finish(id, {});
    output_of(*session);
    ASSERT_TRUE(session->take(
        http2_frame(kPing, 0, 0, "12345678") + http2_frame(kWindowUpdate, 0, 0, number(6)), 1s))
        << turn;
  }
}

TEST(Http2Session, EndsAStreamWhoseAnswerCameFirst) {
  Told told;
  auto session = Http2Session::create(told).value();
  session->take(beginning() + http2_frame(kHeaders, kEndHeaders, 1, request_fields()), 1s);
  output_of(*session);
  session->respond(1, {{":status", "413"}}, false);
  session->send(1, "too large");
  session->finish(1, {});
  const std::string out = output_of(*session);
  const auto frames = frames_in(out);
  ASSERT_EQ(count_of(frames, kReset, 1), 1);
  EXPECT_EQ(frames.back().payload, number(0)) << "NO_ERROR, after the answer";
  EXPECT_NE(out.find("too large"), std::string::npos);
  EXPECT_FALSE(told.ended.at(1));
}

TEST(Http2Session, TakesAnyResetBeforeTheAnswerForALeave) {
  Told told;
  auto session = Http2Session::create(told).value();
  session->take(beginning() + http2_frame(kHeaders, kEndHeaders | kEndStream, 1, request_fields()) +
                    http2_frame(kReset, 0, 1, number(0)),
                1s);
  EXPECT_TRUE(told.ended.at(1)) << "NO_ERROR, but nothing was answered";
}

TEST(Http2Session, HoldsAClientByItsWindow) {
  const std::string data = http2_frame(kData, 0, 1, std::string(16000, 'a'));
  const std::string bytes =
      beginning() + http2_frame(kHeaders, kEndHeaders, 1, request_fields()) + data + data + data;
  Told told;
  auto session = Http2Session::create(told).value();
  session->take(bytes, 1s);
  EXPECT_GT(count_of(frames_in(output_of(*session)), kWindowUpdate, 1), 0)
      << "taken: more may come";

  auto held = Http2Session::create(told).value();
  held->take(bytes.substr(0, bytes.size() - 3 * data.size()), 1s);
  held->hold(1, true);
  held->take(data + data + data, 1s);
  EXPECT_EQ(count_of(frames_in(output_of(*held)), kWindowUpdate, 1), 0);
  held->hold(1, false);
  EXPECT_GT(count_of(frames_in(output_of(*held)), kWindowUpdate, 1), 0);

  // Who does not read answers may not ask for more of them: its window of 64 KiB is used up.
  auto unread = Http2Session::create(told).value();
  unread->take(bytes.substr(0, bytes.size() - 3 * data.size()), 1s);
  unread->respond(1, {{":status", "200"}}, false);
  unread->send(1, std::string(1 << 20, 'b'));
  output_of(*unread);
  EXPECT_EQ(unread->unsent(), (1u << 20) - 65535);
  unread->take(data + data + data, 1s);
  EXPECT_EQ(count_of(frames_in(output_of(*unread)), kWindowUpdate, 1), 0);
  unread->take(http2_frame(kWindowUpdate, 0, 1, number(1 << 20)) +
                   http2_frame(kWindowUpdate, 0, 0, number(1 << 20)),
               1s);
  EXPECT_GT(count_of(frames_in(output_of(*unread)), kWindowUpdate, 1), 0);
  EXPECT_EQ(unread->unsent(), 0u);
}

TEST(Http2Session, BoundsHeaders) {
  Told told;
  auto session = Http2Session::create(told).value();
  ASSERT_TRUE(session->take(beginning(), 1s));
  // 40,000 bytes of headers in one block: refused, and nothing of it is told.
  std::string fields = request_fields();
  for (int i = 0; i < 400; ++i) fields += field("a", std::string(99, 'b'));
  std::string frames = http2_frame(kHeaders, 0, 1, fields.substr(0, 16000)) +
                       http2_frame(kContinuation, 0, 1, fields.substr(16000, 16000)) +
                       http2_frame(kContinuation, kEndHeaders, 1, fields.substr(32000));
  session->take(frames, 1s);
  EXPECT_TRUE(told.requests.empty());
}

TEST(Http2Session, RefusesStreamsThatWereSkipped) {
  Told told;
  auto session = Http2Session::create(told).value();
  ASSERT_TRUE(session->take(
      beginning() + http2_frame(kHeaders, kEndHeaders | kEndStream, 5, request_fields()), 1s));
  session->take(http2_frame(kHeaders, kEndHeaders | kEndStream, 3, request_fields()), 1s);
  const GoneAway end = go_away_in(output_of(*session));
  EXPECT_TRUE(end.sent);
  EXPECT_EQ(end.code, 1u) << "PROTOCOL_ERROR";
}

TEST(Http2Session, SaysGoodbye) {
  Told told;
  auto session = Http2Session::create(told).value();
  ASSERT_TRUE(session->take(
      beginning() + http2_frame(kHeaders, kEndHeaders | kEndStream, 1, request_fields()), 1s));
  output_of(*session);
  session->go_away();
  const GoneAway end = go_away_in(output_of(*session));
  EXPECT_TRUE(end.sent);
  EXPECT_EQ(end.code, 0u);
  session->respond(1, {{":status", "204"}}, true);
  output_of(*session);
  EXPECT_TRUE(session->finished()) << "what was under way has ended";
}

}  // namespace
}  // namespace tenbin
