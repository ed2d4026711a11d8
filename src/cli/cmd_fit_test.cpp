// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdFit, SaysWhatIsWrongAndHowToMendIt) {
  const struct {
    const char* why;
    std::vector<std::string> words;
    int code;
    const char* says;
  } rows[] = {
      {"no data", {"fit"}, 2, "expected one"},
      {"unknown flag, the nearest is named", {"fit", "x.csv", "--targte", "y"}, 2, "--target"},
      {"a flag without its value", {"fit", "x.csv", "--target"}, 2, "needs a value"},
      {"missing file", {"fit", "/nowhere/x.csv", "--target", "y"}, 3, "no such file"},
      {"limit without a unit", {"fit", "/", "--target", "y", "--limit", "time=5"}, 2, "unit"},
      {"limit that nothing can meet",
       {"fit", "/", "--target", "y", "--limit", "p99=0ms"},
       2,
       "zero"},
  };
  for (const auto& row : rows) {
    const CommandCase result = run_command(row.words);
    EXPECT_EQ(result.code, row.code) << row.why << ": " << result.err;
    EXPECT_NE(result.err.find(row.says), std::string::npos) << row.why << ": " << result.err;
    EXPECT_NE(result.err.find("docs: tenbin explain E"), std::string::npos) << row.why;
  }
}

TEST(CmdFit, ADryRunOfNothingSaysSo) {
  const CommandCase seen = run_command({"fit", "/nowhere/x.csv", "--target", "y", "-n"});
  EXPECT_EQ(seen.code, 3) << seen.err;
  EXPECT_EQ(seen.out, "");
}

TEST(CmdFit, HelpShowsExamplesAndEveryFlag) {
  const CommandCase help = run_command({"fit", "--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* word : {"Examples", "--target", "--limit", "--group-column", "--price"}) {
    EXPECT_NE(help.out.find(word), std::string::npos) << word;
  }
}

}  // namespace
}  // namespace tenbin
