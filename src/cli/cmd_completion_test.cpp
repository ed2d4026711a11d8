// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdCompletion, OffersVerbsAndFlags) {
  const CommandCase bash = run_command({"completion", "bash"});
  EXPECT_EQ(bash.code, 0);
  EXPECT_NE(bash.out.find("ledger"), std::string::npos);
  EXPECT_NE(bash.out.find("--target"), std::string::npos);
  EXPECT_EQ(run_command({"completion", "tcsh"}).code, 2);
}

}  // namespace
}  // namespace tenbin
