// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command.h"
#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdMan, HasAPageOfEveryCommandWithItsFlags) {
  const CommandCase all = run_command({"man"});
  EXPECT_EQ(all.code, 0);
  for (const CommandEntry* entry : command_catalogue()) {
    const std::string name(entry->name);
    EXPECT_NE(all.out.find("\\fBtenbin\\-" + name + "(1)\\fR"), std::string::npos) << name;
    const CommandCase page = run_command({"man", name});
    EXPECT_EQ(page.code, 0) << name;
    EXPECT_TRUE(page.out.starts_with(".TH \"TENBIN\\-")) << name;
    EXPECT_NE(page.out.find("\\fB\\-h, \\-\\-help\\fR"), std::string::npos) << name;
    if (entry->options == nullptr) continue;
    for (DescribedOption& option : entry->options()) {
      std::string flag;
      for (const char c : option.flag()) flag += c == '-' ? std::string("\\-") : std::string(1, c);
      EXPECT_NE(page.out.find(flag + "\\fR"), std::string::npos) << name << " " << flag;
    }
  }
}

// A line that begins with a dot would be a command to roff.
TEST(CmdMan, EscapesWhatRoffWouldTake) {
  const std::string page = run_command({"man", "completion"}).out;
  EXPECT_NE(page.find("source <(tenbin completion bash)"), std::string::npos);
  for (const CommandEntry* entry : command_catalogue()) {
    const std::string text = run_command({"man", std::string(entry->name)}).out;
    for (std::size_t at = text.find("\n."); at != std::string::npos;
         at = text.find("\n.", at + 1)) {
      const std::string word = text.substr(at + 2, text.find_first_of(" \n", at + 2) - at - 2);
      EXPECT_TRUE(word == "SH" || word == "TP" || word == "nf" || word == "fi") << word;
    }
  }
}

TEST(CmdMan, RefusesACommandThatIsNone) {
  EXPECT_EQ(run_command({"man", "fitt"}).code, 2);
  EXPECT_EQ(run_command({"man", "fit", "predict"}).code, 2);
}

}  // namespace
}  // namespace tenbin
