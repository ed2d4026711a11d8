// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdMeter, KeepsTheCommandsExitCode) {
  EXPECT_EQ(run_command({"meter", "--", "sh", "-c", "exit 3"}).code, 3);
  EXPECT_EQ(run_command({"meter", "--", "no-such-command-here"}).code, 127);
  EXPECT_EQ(run_command({"meter"}).code, 2);
}

TEST(CmdMeter, TellsProvenanceInItsJson) {
  const CommandCase result = run_command({"meter", "--json", "--", "true"});
  EXPECT_EQ(result.code, 0);
  EXPECT_NE(result.out.find("tenbin.meter/1"), std::string::npos);
  EXPECT_NE(result.out.find("provenance"), std::string::npos);
}

TEST(CmdMeter, StopsAtItsBudget) {
  const CommandCase result = run_command(
      {"meter", "--budget", "300ms", "--grace", "100ms", "--", "sh", "-c", "while :; do :; done"});
  EXPECT_EQ(result.code, 5) << result.err;
}

}  // namespace
}  // namespace tenbin
