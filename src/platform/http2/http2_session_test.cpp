// SPDX-License-Identifier: Apache-2.0
#include "platform/http2/http2_session.h"

#include <gtest/gtest.h>

#include <map>

namespace tenbin {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
enum FrameType : char {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
  kWindowUpdate = 8,
  kContinuation = 9
};
constexpr char kEndStream = 1, kEndHeaders = 4;

std::string number(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>(value >> static_cast<unsigned>(shift) & 255u);
  }
  return out;
}

std::string http2_frame(FrameType type, char flags, std::uint32_t stream,
                        const std::string& payload = {}) {
  std::string out = number(static_cast<std::uint32_t>(payload.size())).substr(1);
  out += type;
  out += flags;
  return out + number(stream) + payload;
}

// A literal field without indexing (RFC 7541, 6.2.2), names and values below 127 bytes.
std::string field(const std::string& name, const std::string& value) {
  std::string out(1, '\0');
  out += static_cast<char>(name.size());
  out += name;
  out += static_cast<char>(value.size());
  return out + value;
}

std::string request_fields() {
  return field(":method", "POST") + field(":scheme", "http") + field(":path", "/a?b") +
         field(":authority", "localhost");
}

std::string beginning() { return std::string(kPreface) + http2_frame(kSettings, 0, 0); }

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

struct GoneAway {
  bool sent = false;
  std::uint32_t code = 0;
};
// The GOAWAY among frames, if there is one.
GoneAway go_away_in(const std::string& frames) {
  for (std::size_t at = 0; at + 9 <= frames.size();) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      length = length << 8 | static_cast<unsigned char>(frames[at + i]);
    }
    if (frames[at + 3] == kGoAway) {
      return {true, static_cast<unsigned char>(frames[at + 9 + 7])};
    }
    at += 9 + length;
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
  // CONTINUATION without end (CVE-2024-27316): the connection ends.
  std::string endless = http2_frame(kHeaders, 0, 3, request_fields());
  bool good = session->take(endless, 1s);
  for (int i = 0; good && i < 100; ++i) {
    good = session->take(http2_frame(kContinuation, 0, 3, field("a", "b")), 1s);
  }
  EXPECT_FALSE(good);
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
