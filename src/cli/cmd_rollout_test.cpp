// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdRollout, RefusesWhatItCannotAsk) {
  struct Row {
    const char* why;
    std::vector<std::string> words;
    int code;
    const char* says;
  };
  const std::vector<Row> rows = {
      {"no model", {"rollout", "http://localhost:1"}, 2, "a server and a model"},
      {"nobody there, over https", {"rollout", "https://localhost:1", "m"}, 7, "E0801"},
      {"two changes",
       {"rollout", "http://localhost:1", "m", "--canary", "2", "--rollback"},
       2,
       "one of them"},
      {"a share of nothing", {"rollout", "http://localhost:1", "m", "--share", "0.1"}, 2, "canary"},
      {"no such token file",
       {"rollout", "http://localhost:1", "m", "--token-file", "/nowhere"},
       3,
       "/nowhere"},
      {"nobody there", {"rollout", "http://localhost:1", "m"}, 7, "localhost"},
  };
  for (const Row& row : rows) {
    const CommandCase ran = run_command(row.words);
    EXPECT_EQ(ran.code, row.code) << row.why << ": " << ran.err;
    EXPECT_NE(ran.err.find(row.says), std::string::npos) << row.why << ": " << ran.err;
  }
}

}  // namespace
}  // namespace tenbin
