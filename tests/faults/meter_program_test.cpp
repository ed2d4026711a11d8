// SPDX-License-Identifier: Apache-2.0
// `tenbin meter` with real commands: exit codes, children of every kind, budgets, untouched
// streams, and counters of a powercap tree on disk.
#include <array>

#include "platform/clock.h"
#include "platform/fakes/test_folder.h"
#include "tests/faults/program.h"

namespace tenbin {
namespace {

std::vector<std::string> metered(std::vector<std::string> flags, const std::string& script) {
  std::vector<std::string> words = {"meter", "--json"};
  words.insert(words.end(), flags.begin(), flags.end());
  words.insert(words.end(), {"--", "sh", "-c", script});
  return words;
}

// The document: the last line of the output, after what the command wrote.
Json document(const ProgramRun& run) {
  const std::size_t end = run.out.find_last_not_of('\n');
  const std::size_t begin = end == run.out.npos ? 0 : run.out.rfind('\n', end) + 1;
  auto json = Json::parse(run.out.substr(begin));
  EXPECT_TRUE(json.ok()) << run.out << run.err;
  return json.ok() ? std::move(*json) : Json();
}

TEST(MeterProgram, KeepsTheExitCode) {
  const TestFolder folder;
  ASSERT_TRUE(real_file_system().write_durable(folder / "text", "not a program").ok());
  const struct {
    const char* why;
    std::vector<std::string> command;
    int code;
  } rows[] = {
      {"its own", {"sh", "-c", "exit 41"}, 41},
      {"5 is not mistaken for a budget", {"sh", "-c", "exit 5"}, 5},
      {"ended by a signal", {"sh", "-c", "kill -TERM $$"}, 143},
      {"not found", {"no-such-command-here"}, 127},
      {"not found by its path", {folder / "none"}, 127},
      {"not executable", {folder / "text"}, 126},
      {"a folder", {folder.path()}, 126},
  };
  for (const auto& row : rows) {
    std::vector<std::string> words = {"meter", "--ledger", folder / "ledger.db", "--"};
    words.insert(words.end(), row.command.begin(), row.command.end());
    EXPECT_EQ(run_program(words).code, row.code) << row.why;
    EXPECT_EQ(ended_run_of(folder / "ledger.db").end->exit_code, row.code) << row.why;
  }
}

TEST(MeterProgram, LeavesTheStreamsAlone) {
  const ProgramRun run =
      run_program({"meter", "--", "sh", "-c", "printf 'a\\0b'; printf error >&2"});
  EXPECT_EQ(run.out, std::string("a\0b", 3));
  EXPECT_TRUE(run.err.starts_with("error")) << run.err;
  // In a terminal the command may read: it is not stopped for being in the background.
  ProcessOptions options;
  options.capture_output = true;
  auto terminal = real_processes().start(
      {"sh", "-c",
       "command -v script >/dev/null || exit 77; printf 'one\\ntwo\\n' | script -qec \"" +
           std::string(TENBIN_PROGRAM) +
           " meter -- sh -c 'read line; echo got-\\$line'\" /dev/null"},
      options);
  ASSERT_TRUE(terminal.ok());
  const ProgramRun shown = finish_program(**terminal, 60s);
  if (shown.code == 77) GTEST_SKIP() << "no program `script` to make a terminal with";
  EXPECT_NE(shown.out.find("got-one"), std::string::npos) << shown.out;
}

// A loop in a child, however it was started, is counted and stopped.
const struct {
  const char* why;
  const char* script;  // runs $BURN
} kFamilies[] = {
    {"a child", "sh -c \"$BURN\"; true"},
    {"a grandchild in the background", "(sh -c \"$BURN\" &) ; sleep 100"},
    {"in a session of its own", "setsid sh -c \"$BURN\" & sleep 100"},
    {"an orphan in a session of its own", "(setsid sh -c \"$BURN\" &) ; sleep 100"},
    {"an orphan of a command that ended", "(setsid sh -c \"$BURN\" &) ; exit 0"},
    {"one that ignores the request", "sh -c \"trap '' TERM; $BURN\"; true"},
    {"a stubborn orphan", "(setsid sh -c \"trap '' TERM; $BURN\" &) ; exit 0"},
};

TEST(MeterProgram, ABudgetBoundsAllThatCameOfTheCommand) {
  for (const auto& family : kFamilies) {
    const TestFolder folder;
    const std::string burn = "BURN='while :; do :; done #" + folder.path() + "'; ";
    const ProgramRun run =
        run_program(metered({"--budget", "400ms", "--grace", "100ms", "--ledger", folder.path()},
                            burn + family.script));
    EXPECT_EQ(run.code, 5) << family.why << run.err;
    const Json json = document(run);
    EXPECT_TRUE(json["stopped_by"].as_string().starts_with("time")) << family.why;
    EXPECT_FALSE(json["left_running"].as_bool(true)) << family.why;
    EXPECT_GT(json["cpu_seconds"].as_number(), 0.02) << family.why << ": the loop was not counted";
    EXPECT_EQ(ended_run_of(folder / "ledger.db").end->status, "budget") << family.why;
    // Nothing of it is left.
    ProcessOptions options;
    options.capture_output = true;
    auto look = real_processes().start(
        {"sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c \"$0\"",
         "#" + folder.path().substr(1)},
        options);
    ASSERT_TRUE(look.ok());
    (void)(*look)->wait(10s).ok();
    EXPECT_EQ((*look)->output(), "1\n") << family.why << ": only the search itself has the name";
  }
}

TEST(MeterProgram, WithoutABudgetWhatOutlivesTheCommandIsToldNotWaitedFor) {
  const TestFolder folder;
  const ProgramRun run = run_program(metered({}, "(setsid sleep 20 &) ; exit 3"));
  EXPECT_EQ(run.code, 3);
  EXPECT_TRUE(document(run)["left_running"].as_bool());
}

TEST(MeterProgram, EachBudgetStopsWithinOneInterval) {
  // 1 usd/s and 3.7 J/s or so: every one of them is due after a fraction of a second.
  for (const char* budget : {"300ms", "300mJ", "0.3usd", "50ugCO2e", "5min,0.2J"}) {
    const TestFolder folder;
    const ProgramRun run = run_program(metered(
        {"--budget", budget, "--machine-price", "3600usd/h", "--interval", "20ms",
         "--constant-power", "10W", "--meter-source", "constant", "--ledger", folder.path()},
        "while :; do :; done"));
    EXPECT_EQ(run.code, 5) << budget << run.err;
    EXPECT_TRUE(document(run)["stopped_by"].is_string()) << budget;
  }
}

TEST(MeterProgram, ASignalToUsReachesTheCommand) {
  const TestFolder folder;
  const struct {
    Signal signal;
    int code;
  } rows[] = {{Signal::kInterrupt, 61}, {Signal::kTerminate, 62}};
  for (const auto& row : rows) {
    const std::string ready = folder / "ready";
    ASSERT_TRUE(real_file_system().remove(ready).ok());
    const auto process =
        start_program(metered({}, "trap 'exit 61' INT; trap 'exit 62' TERM; echo > " + ready +
                                      "; while :; do sleep 0.01; done"));
    for (int i = 0; i < 3000 && !real_file_system().exists(ready); ++i) {
      (void)process->wait(10ms).ok();
    }
    // To tenbin alone, as `kill PID` would: the command is in a group of its own.
    ASSERT_TRUE(process->send(row.signal).ok());
    EXPECT_EQ(finish_program(*process).code, row.code);
  }
}

TEST(MeterProgram, CountersOnDiskAreMeasured) {
  const TestFolder folder;
  const std::string zone = folder / "sys/class/powercap/intel-rapl:0";
  FileSystem& files = real_file_system();
  const auto put = [&](const std::string& name, const std::string& text) {
    const std::string path = zone + "/" + name;
    ASSERT_TRUE(files.make_folders(folder_of(path)).ok());
    auto file = files.create(path);  // in place: readers hold the descriptor
    ASSERT_TRUE(file.ok() && (*file)->append(std::as_bytes(std::span(text))).ok());
  };
  put("name", "package-0\n");
  put("enabled", "1\n");
  put("max_energy_range_uj", "262143328850\n");
  put("energy_uj", "262143000000\n");
  // 0.328850 J to the edge and 1 J after it: a wrap, written by the command itself.
  const ProgramRun run =
      run_program(metered({"--sysfs", folder / "sys", "--meter-source", "powercap"},
                          "sleep 0.2; printf '1000000\\n' > " + zone + "/energy_uj; sleep 0.3"));
  ASSERT_EQ(run.code, 0) << run.err;
  const Json energy = document(run)["energy"];
  EXPECT_EQ(energy["provenance"].as_string(), "measured");
  EXPECT_EQ(energy["source"].as_string(), "powercap");
  EXPECT_EQ(energy["scope"].as_string(), "package");
  EXPECT_NEAR(energy["joules"].as_number(), 1.328850, 1e-4);
}

}  // namespace
}  // namespace tenbin
