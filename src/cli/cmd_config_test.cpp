// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdConfig, ShowsWhereAValueCameFrom) {
  ::setenv("TENBIN_SEED", "7", 1);
  const CommandCase shown = run_command({"config", "show", "fit", "--origin"});
  const CommandCase json = run_command({"config", "--json"});
  const CommandCase wrong = [] {
    ::setenv("TENBIN_SEED", "seven", 1);
    return run_command({"fit", "x.csv"});
  }();
  ::unsetenv("TENBIN_SEED");
  EXPECT_EQ(shown.code, 0);
  EXPECT_NE(shown.out.find("environment TENBIN_SEED"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("default"), std::string::npos) << shown.out;
  EXPECT_NE(json.out.find("\"schema\":\"tenbin.config/1\""), std::string::npos);
  EXPECT_EQ(wrong.code, 2) << "a bad value of the environment is an error of usage";
  EXPECT_NE(wrong.err.find("--> environment TENBIN_SEED"), std::string::npos) << wrong.err;
  EXPECT_EQ(run_command({"config", "show", "fitt"}).code, 2);
}

}  // namespace
}  // namespace tenbin
