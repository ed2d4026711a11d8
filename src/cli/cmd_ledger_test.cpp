// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdLedger, SaysWhenThereIsNone) {
  const CommandCase result = run_command({"ledger", "/proc/self/fd"});
  EXPECT_NE(result.code, 0);
  EXPECT_NE(result.err.find("error["), std::string::npos);
}

}  // namespace
}  // namespace tenbin
