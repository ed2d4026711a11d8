// SPDX-License-Identifier: Apache-2.0
#include "platform/net/http_client.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(ResponseReader, TakesWhatServersSend) {
  struct Row {
    const char* why;
    std::string bytes, body;
    int status;
    bool keep, ended;  // `ended`: by the end of the connection
  };
  const std::vector<Row> rows = {
      {"a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", 200, true, false},
      {"no body", "HTTP/1.1 204 No Content\r\n\r\n", "", 204, true, false},
      {"a length of zero", "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "", 404, true,
       false},
      {"chunks",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
       "hello", 200, true, false},
      {"to be closed", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na", "a",
       200, false, false},
      {"to be closed, in other letters and a list",
       "HTTP/1.1 200 OK\r\nConnection: Upgrade, Close\r\nContent-Length: 1\r\n\r\na", "a", 200,
       false, false},
      {"kept by a server of HTTP/1.0",
       "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1 \r\n\r\na", "a", 200, true,
       false},
      {"chunks go before a length",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: "
       "9\r\n\r\n1\r\na\r\n0\r\n\r\n",
       "a", 200, true, false},
      {"until the end", "HTTP/1.0 200 OK\r\n\r\nhello", "hello", 200, false, true},
      {"bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", "hi", 200, true, false},
      {"an interim answer first",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", 200,
       true, false},
  };
  for (const Row& row : rows) {
    for (const std::size_t step : {row.bytes.size(), std::size_t{1}}) {
      ResponseReader reader;
      std::size_t taken = 0;
      while (taken < row.bytes.size() && !reader.done() && !reader.failed()) {
        taken += reader.take(std::string_view(row.bytes).substr(taken, step));
      }
      if (row.ended) reader.end();
      EXPECT_TRUE(reader.done()) << row.why << ", " << step << " bytes at once";
      EXPECT_EQ(reader.status(), row.status) << row.why;
      EXPECT_EQ(reader.body(), row.body) << row.why;
      EXPECT_EQ(reader.keep_alive(), row.keep) << row.why;
    }
  }
}

TEST(ResponseReader, RefusesWhatIsNoResponse) {
  for (const char* bytes :
       {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
    ResponseReader reader;
    reader.take(bytes);
    EXPECT_TRUE(reader.failed()) << bytes;
  }
  ResponseReader cut;
  cut.take("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
  cut.end();
  EXPECT_TRUE(cut.failed()) << "a body that is cut short is no answer";
}

TEST(AskHttp, SaysThatNobodyIsThere) {
  const auto answer = ask_http(NetAddress{"127.0.0.1", 1}, "GET / HTTP/1.1\r\n\r\n", 2s);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code(), ErrorCode::kNetwork);
}

}  // namespace
}  // namespace tenbin
