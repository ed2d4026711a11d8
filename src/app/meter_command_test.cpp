// SPDX-License-Identifier: Apache-2.0
#include "app/meter_command.h"

#include <gtest/gtest.h>

#include "app/ledger_view.h"
#include "platform/clock.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/process.h"

namespace tenbin {
namespace {

// A command that uses one CPU until it ends by itself, obeys a signal, or is killed.
struct Script {
  Duration runs_for{};
  int exit_code = 0;
  bool stubborn = false;  // ignores all but the kill
  std::vector<Signal> got;
};

class FakeProcess : public Process {
 public:
  FakeProcess(Script& script, ManualClock& clock)
      : script_(script), clock_(clock), begin_(clock.steady_now()) {}
  int pid() const override { return 999'999'999; }
  Result<std::optional<ProcessEnd>> poll() override { return end_; }
  Result<std::optional<ProcessEnd>> wait(Duration timeout) override {
    const Duration left = begin_ + script_.runs_for - clock_.steady_now();
    if (!end_) clock_.advance(std::min(timeout, left));
    cpu_ = clock_.steady_now() - begin_;
    if (!end_ && left <= timeout) finish(script_.exit_code, 0);
    return end_;
  }
  Status send(Signal signal) override {
    script_.got.push_back(signal);
    if (signal == Signal::kKill) finish(137, 9);
    if (signal == Signal::kTerminate && !script_.stubborn) finish(143, 15);
    return {};
  }
  bool any_alive() override { return !end_; }
  std::vector<int> members() override { return {}; }
  Result<Duration> tree_cpu() override { return clock_.steady_now() - begin_; }
  std::string output() override { return {}; }
  std::string errors() override { return {}; }

 private:
  void finish(int code, int signal) {
    end_ = ProcessEnd{code, signal, clock_.steady_now() - begin_, {}, 1 << 20};
  }
  Script& script_;
  ManualClock& clock_;
  Duration begin_, cpu_{};
  std::optional<ProcessEnd> end_;
};

class FakeProcesses : public ProcessRunner {
 public:
  FakeProcesses(Script& script, ManualClock& clock) : script_(script), clock_(clock) {}
  Result<std::unique_ptr<Process>> start(const std::vector<std::string>& argv,
                                         const ProcessOptions&) override {
    if (argv[0] == "missing") return Error(ErrorCode::kCommandFailed, "no such command");
    return std::unique_ptr<Process>(std::make_unique<FakeProcess>(script_, clock_));
  }

 private:
  Script& script_;
  ManualClock& clock_;
};

struct MeterCommand : testing::Test {
  Result<MeterOutcome> run(const std::string& budget, const std::string& program = "train") {
    MeterCommandOptions options;
    options.command = {program, "--fast"};
    options.budget = budget;
    options.ledger = folder.path();
    options.meter.source = "cpu_model";
    options.meter.cpu_tdp = watts(100);
    options.meter.cpu_threads = 104;  // 1 W a busy thread
    FakeProcesses processes(script, clock);
    return run_metered(options, processes, real_file_system(), clock, MachineFacts{},
                       [this](const MeterProgress&) { ++told; });
  }
  TestFolder folder;
  ManualClock clock;
  Script script;
  int told = 0;
};

TEST_F(MeterCommand, KeepsTheExitCodeAndCountsTheJoules) {
  script = {10s, 3, false, {}};
  const auto out = run("");
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out->process_exit(), 3);
  EXPECT_EQ(out->time, Duration(10s));
  EXPECT_NEAR(in_joules(*out->energy.value), 10, 1e-6);
  EXPECT_EQ(out->energy.provenance, Provenance::kModelled);
  EXPECT_TRUE(script.got.empty());
  EXPECT_GT(told, 50);
  EXPECT_EQ(to_json(*out)["schema"].as_string(), "tenbin.meter/1");
  const auto view = view_ledger(folder.path(), {}, real_file_system());
  ASSERT_TRUE(view.ok()) << view.error().to_string();
  EXPECT_EQ(view->files.at(0).runs.at(0).run.id, out->run);
  EXPECT_EQ(view->files.at(0).runs.at(0).end.value().exit_code, 3);
}

TEST_F(MeterCommand, EachBudgetStopsTheCommand) {
  const struct {
    const char* why;
    const char* budget;
    bool stubborn;
    Duration about;
    std::size_t signals;
  } rows[] = {
      {"time", "5s", false, 5s, 1},
      {"energy at 1 W", "7J", false, 7s, 1},
      {"the first of two", "7J,3s", false, 3s, 1},
      {"carbon at 494 g/kWh", "1mgCO2e", false, 7'290ms, 1},
      {"a stubborn one is killed after the grace", "5s", true, 10s, 2},
  };
  for (const auto& row : rows) {
    script = {1000s, 0, row.stubborn, {}};
    const auto out = run(row.budget);
    ASSERT_TRUE(out.ok()) << row.why << ": " << out.error().to_string();
    EXPECT_EQ(out->process_exit(), 5) << row.why;
    ASSERT_TRUE(out->stopped_by.has_value()) << row.why;
    EXPECT_GE(out->time, row.about) << row.why;
    EXPECT_LE(out->time, row.about + 200ms) << row.why << ": one sample late at most";
    EXPECT_EQ(script.got.size(), row.signals) << row.why;
  }
}

TEST_F(MeterCommand, ACommandThatCannotStartIsAnErrorInTheLedgerToo) {
  const auto out = run("", "missing");
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().code(), ErrorCode::kCommandFailed);
  const auto view = view_ledger(folder.path(), {}, real_file_system());
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->files.at(0).runs.at(0).end.value().status, "failed");
}

TEST(Budget, IsReadByUnits) {
  const auto limits = parse_budget("2kJ,30s,0.1usd,5gCO2e");
  ASSERT_TRUE(limits.ok()) << limits.error().to_string();
  EXPECT_EQ(limits->energy, joules(2000));
  EXPECT_EQ(limits->time, Duration(30s));
  EXPECT_EQ(limits->money, money(0.1, Currency{}));
  EXPECT_EQ(limits->carbon, grams_co2e(5));
  for (const char* text : {"2", "2kJ,3kJ", "0J", "5 apples", "2kJ,,3s"}) {
    EXPECT_FALSE(parse_budget(text).ok()) << text;
  }
  EXPECT_FALSE(parse_budget("")->has_budget());
}

}  // namespace
}  // namespace tenbin
