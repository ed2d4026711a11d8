// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdDoctor, ListsSensorsAndEndsWell) {
  const CommandCase result = run_command({"doctor"});
  EXPECT_EQ(result.code, 0);
  for (const char* word : {"cpu", "duckdb", "powercap", "energy is m"}) {
    EXPECT_NE(result.out.find(word), std::string::npos) << word << "\n" << result.out;
  }
  EXPECT_EQ(run_command({"doctor", "--json"}).out.front(), '{');
  EXPECT_NE(run_command({"doctor", "--paths"}).out.find("plug-ins"), std::string::npos);
  EXPECT_EQ(run_command({"doctor", "me"}).code, 2);
}

}  // namespace
}  // namespace tenbin
