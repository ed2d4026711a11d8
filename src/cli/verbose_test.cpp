// SPDX-License-Identifier: Apache-2.0
// What --verbose tells, where, and that nothing is told without it. Real environments and files are
// in tests/e2e/cli_test.py.
#include "cli/verbose.h"

#include <gtest/gtest.h>

#include <functional>

#include "app/here.h"
#include "cli/command_case.h"

namespace tenbin {
namespace {

// Lines joined again where they were broken.
std::string unbroken(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n';
    if (!blank || (!out.empty() && out.back() != ' ')) out += blank ? ' ' : c;
  }
  return out;
}

// What is told on standard error while `use` runs under `tenbin doctor -v`.
std::string told(const std::function<void()>& use) {
  ::testing::internal::CaptureStderr();
  std::string program = "tenbin", command = "doctor", flag = "-v";
  char* argv[] = {program.data(), command.data(), flag.data()};
  begin_verbose(3, argv);
  use();
  here::trace({});
  return unbroken(::testing::internal::GetCapturedStderr());
}

struct SomeOptions {
  std::int64_t last = 0, seed = 1;
  std::string run;
  bool events = false;
  template <class Fields> static void describe(Fields& f) {
    f("last", &SomeOptions::last, "The newest.");
    f("seed", &SomeOptions::seed, "Of the dice.");
    f("run", &SomeOptions::run, "Its id.");
    f("events", &SomeOptions::events, "Shown too.");
  }
};

TEST(Verbose, EachSettingHasItsOrigin) {
  SomeOptions some{5, 4, "", true};
  const auto options = described(some);
  const Settings settings = {{"last", {"3", "environment TENBIN_LAST"}},
                             {"events", {"true", "tenbin.yaml:2"}}};
  Arguments arguments;
  arguments.verbose = true;
  arguments.given = {"last", "seed"};
  const std::string text = told([&] { tell_settings(settings, options, arguments); });
  for (const char* line :
       {"last = 5, from flag --last, over that of environment TENBIN_LAST", "seed = 4, from flag",
        "events = true, from tenbin.yaml:2", "by default run = ''", "/etc/tenbin/config.yaml is",
        "tenbin.yaml is not there"}) {
    EXPECT_NE(text.find(std::string("settings: ") + line), std::string::npos)
        << line << " lacks in " << text;
  }
  arguments.verbose = false;
  EXPECT_EQ(told([&] { tell_settings(settings, options, arguments); }).find("settings:"),
            std::string::npos);
}

TEST(Verbose, EveryCommandTellsItsOwn) {
  const struct {
    const char* why;
    std::vector<std::string> words;
    const char* says;
  } rows[] = {
      {"settings", {"ledger", "--last", "5", "-v"}, "last = 5, from flag --last"},
      {"the long flag", {"ledger", "--verbose"}, "settings: by default run = ''"},
      {"what it measured with", {"meter", "-v", "--", "true"}, "samples, the longest gap"},
      {"where it is recorded", {"meter", "-v", "--", "true"}, "ledger: none"},
      {"the machine", {"doctor", "-v"}, "machine: "},
      {"a command without options", {"explain", "E0101", "-v"}, "program: tenbin"},
      {"files that are not there", {"predict", "no.onnx", "x", "-v"}, "file: cannot open no.onnx"},
  };
  for (const auto& row : rows) {
    const CommandCase seen = run_command(row.words);
    EXPECT_NE(unbroken(seen.err).find(row.says), std::string::npos) << row.why << ": " << seen.err;
    EXPECT_EQ(seen.out.find("settings:"), std::string::npos) << row.why << ": data alone";
  }
  here::trace({});
}

TEST(Verbose, NothingIsToldUnasked) {
  const struct {
    const char* why;
    std::vector<std::string> words;
  } rows[] = {
      {"no flag", {"explain", "E0101"}},
      {"-V is the version", {"explain", "-V"}},
      {"the flag of the metered command", {"meter", "-q", "--", "sh", "-c", "exit 0", "-v"}},
  };
  for (const auto& row : rows) {
    run_command({"explain", "E0101", "-v"});  // the one before leaves nothing
    EXPECT_EQ(run_command(row.words).err, "") << row.why;
  }
}

TEST(Verbose, TheLastLineTellsWhatWasUsed) {
  const std::string text = told([] {
    end_verbose(5);
    here::detail("after the end");
  });
  for (const char* part : {"end: exit code 5; CPU time ", " resident; files: "}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " lacks in " << text;
  }
  EXPECT_EQ(text.find("after the end"), std::string::npos);
}

TEST(Verbose, ATerminalIsNotDrivenByWhatFilesAreCalled) {
  const CommandCase seen = run_command({"predict", "no\033[2Jmodel", "rows.csv", "-v", "-q"});
  here::trace({});
  EXPECT_EQ(seen.code, 3);
  EXPECT_NE(seen.err.find("file: cannot open no\\x1b[2Jmodel"), std::string::npos) << seen.err;
  EXPECT_EQ(seen.err.find('\033'), std::string::npos);
}

}  // namespace
}  // namespace tenbin
