// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command.h"
#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdCompletion, OffersEveryVerbAndFlag) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const CommandCase script = run_command({"completion", shell});
    EXPECT_EQ(script.code, 0);
    for (const CommandEntry* entry : command_catalogue()) {
      EXPECT_NE(script.out.find(entry->name), std::string::npos) << shell << " " << entry->name;
      if (entry->options == nullptr) continue;
      for (const DescribedOption& option : entry->options()) {
        EXPECT_NE(script.out.find(option.flag().substr(2)), std::string::npos)
            << shell << " " << option.flag();
      }
    }
  }
  EXPECT_EQ(run_command({"completion", "tcsh"}).code, 2);
  EXPECT_EQ(run_command({"completion"}).code, 2);
}

TEST(CmdCompletion, ColumnsOfAMissingFileAreAnError) {
  EXPECT_EQ(run_command({"completion", "columns", "/nowhere/x.csv"}).code, 3);
}

}  // namespace
}  // namespace tenbin
