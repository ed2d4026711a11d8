// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdExplain, KnowsEveryCode) {
  const CommandCase one = run_command({"explain", "E0304"});
  EXPECT_EQ(one.code, 0);
  EXPECT_NE(one.out.find("exit code 3"), std::string::npos);
  EXPECT_EQ(run_command({"explain", "E9999"}).code, 2);
}

}  // namespace
}  // namespace tenbin
