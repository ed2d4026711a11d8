// SPDX-License-Identifier: Apache-2.0
#include "http/http1_parser.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace tenbin {
namespace {

std::string post(const std::string& headers) {
  std::string out = "POST / HTTP/1.1\r\nHost: a\r\n";
  out += headers;
  out += "\r\n";
  return out;
}

struct HeadRow {
  const char* why;
  std::string bytes;
  int status;  // 200: taken
};

void check(const std::vector<HeadRow>& rows) {
  for (const HeadRow& row : rows) {
    Http1Head head;
    const auto end = find_head_end(row.bytes, 0);
    ASSERT_TRUE(end.has_value()) << row.why;
    const auto refused = parse_head(std::string_view(row.bytes).substr(0, *end), head);
    EXPECT_EQ(refused ? refused->status : 200, row.status)
        << row.why << (refused ? ": " + refused->message : "");
  }
}

TEST(Http1Parser, TakesRequestLines) {
  const auto line = [](std::string text) { return text.append("\r\nHost: a\r\n\r\n"); };
  check({
      {"plain", line("GET / HTTP/1.1"), 200},
      {"with a query", line("GET /a?b=c&d HTTP/1.1"), 200},
      {"a proxy's form", line("GET http://a/b HTTP/1.1"), 200},
      {"a proxy's form without a path", line("GET http://a HTTP/1.1"), 200},
      {"an unknown method is a token", line("BREW / HTTP/1.1"), 200},
      {"the server as a whole", line("OPTIONS * HTTP/1.1"), 200},
      {"HTTP/1.0", line("GET / HTTP/1.0"), 200},
      {"percent-encoded", line("GET /%7Ea HTTP/1.1"), 200},
      {"HTTP/1.2", line("GET / HTTP/1.2"), 505},
      {"HTTP/2.0 without its preface", line("GET / HTTP/2.0"), 505},
      {"HTTP/0.9", line("GET / HTTP/0.9"), 505},
      {"no version", line("GET /"), 0},
      {"lower-case version", line("GET / http/1.1"), 0},
      {"a preface that is none", line("INVALID CONNECTION PREFACE"), 0},
      {"version of two digits", line("GET / HTTP/1.10"), 400},
      {"a sign in the version", line("GET / HTTP/+1.1"), 400},
      {"nothing", line(""), 0},
      {"a space first", line(" GET / HTTP/1.1"), 400},
      {"two spaces", line("GET  / HTTP/1.1"), 400},
      {"a tab between", line("GET\t/ HTTP/1.1"), 400},
      {"a space in the target", line("GET /a b HTTP/1.1"), 400},
      {"a space behind", line("GET / HTTP/1.1 "), 400},
      {"no target", line("GET HTTP/1.1"), 400},
      {"a target that is no path", line("GET a HTTP/1.1"), 400},
      {"a star for GET", line("GET * HTTP/1.1"), 400},
      {"a fragment", line("GET /#a HTTP/1.1"), 400},
      {"a control character in the target", line("GET /\x01 HTTP/1.1"), 400},
      {"DEL in the target", line("GET /\x7f HTTP/1.1"), 400},
      {"a byte beyond ASCII in the target", line("GET /\xc3\xa9 HTTP/1.1"), 400},
      {"a method with a colon", line("GE:T / HTTP/1.1"), 400},
      {"a method in brackets", line("(GET) / HTTP/1.1"), 400},
      {"CONNECT's form", line("CONNECT a:80 HTTP/1.1"), 400},
      {"another scheme", line("GET ftp://a/b HTTP/1.1"), 400},
  });
}

TEST(Http1Parser, TakesHeadersAndRefusesWhatOthersReadInTwoWays) {
  check({
      {"space around a value", post("A: \t b \t\r\n"), 200},
      {"an empty value", post("A:\r\n"), 200},
      {"a colon in a value", post("A: b:c\r\n"), 200},
      {"bytes beyond ASCII in a value", post("A: \xc3\xa9\r\n"), 200},
      {"an underscore in a name", post("a_b: c\r\n"), 200},
      {"a tab in a value", post("A: b\tc\r\n"), 200},
      {"a space before the colon", post("A : b\r\n"), 400},
      {"a tab before the colon", post("A\t: b\r\n"), 400},
      {"no colon", post("A\r\n"), 400},
      {"no name", post(": b\r\n"), 400},
      {"a space in a name", post("A b: c\r\n"), 400},
      {"a line that goes on", post("A: b\r\n c\r\n"), 400},
      {"a line that goes on with a tab", post("A: b\r\n\tc\r\n"), 400},
      {"a bare line feed", post("A: b\nC: d\r\n"), 400},
      {"a bare line feed at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
      {"bare line feeds all over", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"a carriage return in a value", post("A: b\rc\r\n"), 400},
      {"a carriage return before the end", post("A: b\r\r\n"), 400},
      {"NUL in a value", post(std::string("A: b\0c\r\n", 8)), 400},
      {"NUL in a name", post(std::string("A\0: b\r\n", 7)), 400},
      {"a control character in a value", post("A: b\x02\r\n"), 400},
      {"DEL in a value", post("A: b\x7f\r\n"), 400},
      {"quotes in a name", post("\"A\": b\r\n"), 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"no Host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 200},
      {"two Hosts", post("Host: b\r\n"), 400},
      {"two equal Hosts", post("host: a\r\n"), 400},
      {"something else to expect", post("Expect: tea\r\n"), 417},
      {"to go on", post("Expect: 100-Continue\r\n"), 200},
  });
  std::string many;
  for (std::size_t i = 0; i + 1 < limits::kHeaderFields; ++i) many += "A: b\r\n";
  check({{"as many as are allowed", post(many), 200}, {"one more", post(many + "A: b\r\n"), 431}});
}

TEST(Http1Parser, KnowsWhereARequestEndsOrRefuses) {
  check({
      {"a length", post("Content-Length: 5\r\n"), 200},
      {"a length of zero", post("Content-Length: 0\r\n"), 200},
      {"zeros before it", post("Content-Length: 0005\r\n"), 200},
      {"chunks", post("Transfer-Encoding: chunked\r\n"), 200},
      {"chunks in capitals", post("Transfer-Encoding: Chunked\r\n"), 200},
      {"two lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
      {"two equal lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
      {"a list of lengths", post("Content-Length: 5, 5\r\n"), 400},
      {"a negative length", post("Content-Length: -1\r\n"), 400},
      {"a length with a sign", post("Content-Length: +5\r\n"), 400},
      {"a hexadecimal length", post("Content-Length: 0x5\r\n"), 400},
      {"a length with a fraction", post("Content-Length: 5.0\r\n"), 400},
      {"a length of nothing", post("Content-Length:\r\n"), 400},
      {"a length beyond 64 bits", post("Content-Length: 99999999999999999999\r\n"), 400},
      {"a length with a space", post("Content-Length: 1 0\r\n"), 400},
      {"a length in words", post("Content-Length: five\r\n"), 400},
      {"both", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"both, the other way", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
      {"two codings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"a list of codings", post("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"another coding", post("Transfer-Encoding: identity\r\n"), 501},
      {"an almost right coding", post("Transfer-Encoding: xchunked\r\n"), 501},
      {"a vertical tab before it",
       post("Transfer-Encoding: \x0b"
            "chunked\r\n"),
       400},
      {"a coding in quotes", post("Transfer-Encoding: \"chunked\"\r\n"), 501},
      {"an empty coding", post("Transfer-Encoding:\r\n"), 501},
      {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
  });
}

TEST(Http1Parser, KeepsConnectionsAsAsked) {
  struct Row {
    const char* why;
    std::string bytes;
    bool keep;
  };
  const std::vector<Row> rows = {
      {"HTTP/1.1", post(""), true},
      {"to be closed", post("Connection: close\r\n"), false},
      {"among others", post("Connection: a, CLOSE, b\r\n"), false},
      {"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", false},
      {"to be kept", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
  };
  for (const Row& row : rows) {
    Http1Head head;
    ASSERT_FALSE(parse_head(row.bytes, head)) << row.why;
    EXPECT_EQ(head.keep_alive, row.keep) << row.why;
  }
}

TEST(Http1Parser, FindsTheEndOfAHeadHoweverItComes) {
  const std::string whole = "GET / HTTP/1.1\r\nHost: a\r\n\r\nrest";
  const std::size_t end = whole.size() - 4;
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const auto early = find_head_end(std::string_view(whole).substr(0, cut), 0);
    EXPECT_EQ(early.has_value(), cut >= end) << cut;
    if (early) continue;
    EXPECT_EQ(find_head_end(whole, cut), end) << "looking on from byte " << cut;
  }
}

struct ChunkRow {
  const char* why;
  std::string bytes, body;
  int status;  // 0: more is to come
};

TEST(ChunkedBody, TakesChunksAndRefusesWhatIsAmbiguous) {
  const std::vector<ChunkRow> rows = {
      {"two chunks", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde", 200},
      {"none", "0\r\n\r\n", "", 200},
      {"hexadecimal sizes", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789", 200},
      {"zeros before a size", "0003\r\nabc\r\n0\r\n\r\n", "abc", 200},
      {"an extension", "3;a=b\r\nabc\r\n0;c\r\n\r\n", "abc", 200},
      {"trailers", "0\r\nA: b\r\nC: d\r\n\r\n", "", 200},
      {"line ends inside a chunk", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n", 200},
      {"not the end yet", "3\r\nab", "ab", 0},
      {"no size", "\r\nabc\r\n", "", 400},
      {"a size with 0x", "0x3\r\nabc\r\n0\r\n\r\n", "", 400},
      {"a size with a sign", "+3\r\nabc\r\n0\r\n\r\n", "", 400},
      {"a negative size", "-3\r\nabc\r\n0\r\n\r\n", "", 400},
      {"a space before a size", " 3\r\nabc\r\n0\r\n\r\n", "", 400},
      {"a space behind a size", "3 \r\nabc\r\n0\r\n\r\n", "", 400},
      {"an underscore in a size", "1_0\r\nabc\r\n", "", 400},
      {"a size beyond 64 bits", "fffffffffffffffff\r\n", "", 400},
      {"a size of 16 digits", "0000000000000003\r\nabc\r\n", "", 400},
      {"a bare line feed behind a size", "3\nabc\r\n0\r\n\r\n", "", 400},
      {"a bare line feed behind a chunk", "3\r\nabc\n0\r\n\r\n", "", 400},
      {"more than its size", "3\r\nabcd\r\n0\r\n\r\n", "", 400},
      {"less than its size", "3\r\nab\r\n0\r\n\r\n", "", 400},
      {"a carriage return in the line", "3\r;a\r\nabc\r\n", "", 400},
      {"a control character in an extension", std::string("3;\x01\r\nabc\r\n"), "", 400},
      {"an endless extension", "3;" + std::string(300, 'a') + "\r\nabc\r\n", "", 400},
      {"a trailer without a colon", "0\r\nA\r\n\r\n", "", 400},
      {"a trailer that goes on", "0\r\n A: b\r\n\r\n", "", 400},
      {"beyond the limit", "65\r\n", "", 413},
      {"beyond it together", "60\r\n" + std::string(96, 'a') + "\r\n5\r\nabcde\r\n", "", 413},
  };
  for (const ChunkRow& row : rows) {
    for (const std::size_t step : {row.bytes.size(), std::size_t{1}}) {
      ChunkedBody body(100);
      std::string got;
      for (std::size_t at = 0; at < row.bytes.size() && !body.done(); at += step) {
        body.take(std::string_view(row.bytes).substr(at, step), got);
      }
      const int status = body.refusal() ? body.refusal()->status : body.done() ? 200 : 0;
      EXPECT_EQ(status, row.status) << row.why << ", " << step << " bytes at once";
      if (!body.refusal()) {
        EXPECT_EQ(got, row.body) << row.why;
      }
    }
  }
}

}  // namespace
}  // namespace tenbin
