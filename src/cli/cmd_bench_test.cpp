// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdBench, RefusesWhatItCannotAsk) {
  struct Row {
    const char* why;
    std::vector<std::string> words;
    int code;
    const char* says;
  };
  const std::vector<Row> rows = {
      {"no URL", {"bench"}, 2, "URL"},
      {"nobody there, over https", {"bench", "https://localhost:1"}, 7, "E0801"},
      {"certificates of plain HTTP",
       {"bench", "http://localhost:1", "--tls-trust", "x.pem"},
       2,
       "of https"},
      {"no such certificates",
       {"bench", "https://localhost:1", "--tls-trust", "/nowhere.pem"},
       2,
       "cannot be used"},
      {"another scheme", {"bench", "ftp://localhost"}, 2, "http://HOST:PORT"},
      {"a path", {"bench", "http://localhost:1/v2"}, 2, "--model"},
      {"no port", {"bench", "http://localhost:x"}, 2, "1 to 65535"},
      {"two loops",
       {"bench", "http://localhost:1", "--rate", "1", "--concurrency", "1"},
       2,
       "exclude"},
      {"a falling ramp", {"bench", "http://localhost:1", "--rate", "5:1"}, 2, "below the first"},
      {"no rate", {"bench", "http://localhost:1", "--rate", "fast"}, 2, "500:8000"},
      {"other arrivals", {"bench", "http://localhost:1", "--arrivals", "bursty"}, 2, "poisson"},
      {"no such rate", {"bench", "http://localhost:1", "--rate", "nan"}, 2, "500:8000"},
      {"more than fits", {"bench", "http://localhost:1", "--rate", "1e12"}, 2, "--duration"},
      {"never a request",
       {"bench", "http://localhost:1", "--rate", "0.001", "--arrivals", "constant"},
       2,
       "no request is due"},
      {"half a client", {"bench", "http://localhost:1", "--concurrency", "2.5"}, 2, "whole"},
      {"a client too many", {"bench", "http://localhost:1", "--concurrency", "1e9"}, 2, "20000"},
      {"no rows", {"bench", "http://localhost:1", "--rows", "0"}, 2, "1 to 1000000"},
      {"no connections", {"bench", "http://localhost:1", "--connections", "0"}, 2, "1 to 20000"},
      {"no time", {"bench", "http://localhost:1", "--duration", "0s"}, 2, "--duration"},
      {"a speed of zero", {"bench", "http://localhost:1", "--speed", "0"}, 2, "above zero"},
      {"a body and rows",
       {"bench", "http://localhost:1", "--input", "a.json", "--data", "a.csv"},
       2,
       "--input"},
      {"nobody there", {"bench", "http://127.0.0.1:1"}, 7, "is the server running"},
      {"no trace", {"bench", "http://localhost:1", "--replay", "/nowhere.csv"}, 3, "nowhere"},
  };
  for (const Row& row : rows) {
    const CommandCase ran = run_command(row.words);
    EXPECT_EQ(ran.code, row.code) << row.why << ": " << ran.err;
    EXPECT_NE(ran.err.find(row.says), std::string::npos) << row.why << ": " << ran.err;
  }
}

}  // namespace
}  // namespace tenbin
