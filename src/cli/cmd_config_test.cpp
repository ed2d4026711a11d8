// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdConfig, ShowsWhereAValueCameFrom) {
  const CommandCase shown = run_command({"config", "show", "fit", "--origin"});
  EXPECT_EQ(shown.code, 0);
  EXPECT_NE(shown.out.find("fit.seed"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("default"), std::string::npos) << shown.out;
  const CommandCase json = run_command({"config", "--json"});
  EXPECT_NE(json.out.find("\"schema\":\"tenbin.config/1\""), std::string::npos);
  EXPECT_EQ(run_command({"config", "show", "fitt"}).code, 2);
  EXPECT_EQ(run_command({"config", "show", "fit", "meter"}).code, 2);
}

}  // namespace
}  // namespace tenbin
