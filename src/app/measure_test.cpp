// SPDX-License-Identifier: Apache-2.0
#include "app/measure.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "app/ledger_view.h"
#include "platform/clock.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/process.h"

namespace tenbin {
namespace {

struct FixedActivity : ActivityProbe {
  explicit FixedActivity(Activity& a) : now(a) {}
  Activity read() override { return now; }
  Activity& now;
};

struct Recorder : testing::Test {
  void SetUp() override {
    MeterOptions options;
    options.sysfs = "/nowhere";
    options.source = "cpu_model";
    options.cpu_tdp = watts(100);
    options.cpu_threads = 104;  // 1 W a busy thread
    auto opened = Meter::open(options, real_file_system(), clock, MachineFacts{},
                              std::make_unique<FixedActivity>(activity));
    ASSERT_TRUE(opened.ok()) << opened.error().to_string();
    meter = std::move(*opened);
  }
  // Time passes, `cpu` of it is used; the meter samples as its thread would.
  void work(Duration time, Duration cpu) {
    for (int i = 0; i < 10; ++i) {
      clock.advance(time / 10);
      activity.cpu += cpu / 10;
      clock.use_cpu(cpu / 10);
      meter->sample();
    }
  }
  RunInfo info() { return {"fit", "demo", {"tenbin"}, Json::object(), Json::object(), 1, "0"}; }

  TestFolder folder;
  ManualClock clock;
  Activity activity;
  std::unique_ptr<Meter> meter;
};

TEST_F(Recorder, JoulesOfInstantsDoNotFallWhenPowerDoes) {
  meter->sample();
  work(1s, 1s);
  std::vector<Duration> instants = {clock.steady_now()};
  for (int i = 0; i < 4; ++i) {  // between readings, and then idle
    clock.advance(20ms);
    instants.push_back(clock.steady_now());
  }
  const std::vector<double> joules = joules_until(*meter, instants);
  ASSERT_EQ(joules.size(), instants.size());
  for (const double each : joules) EXPECT_NEAR(each, 1.0, 1e-6) << "1 W for a second, then nothing";
  EXPECT_TRUE(std::is_sorted(joules.begin(), joules.end()));
}

TEST_F(Recorder, StagesSumToTheRunExactlyAlsoInTheLedger) {
  auto ledger = Ledger::open(folder / "ledger.db");
  ASSERT_TRUE(ledger.ok());
  auto recorder = RunRecorder::begin(ledger->get(), *meter, clock, Prices{}, info());
  ASSERT_TRUE(recorder.ok()) << recorder.error().to_string();
  work(1s, 300ms);  // before the first stage: unattributed
  {
    auto read = (*recorder)->stage("read");
    work(2s, 1s);
    read.add_items(100);
  }
  work(1s, 70ms);  // between stages
  {
    auto train = (*recorder)->stage("train");
    const Duration begin = clock.steady_now();
    work(7s, 6s);
    (*recorder)->emit({"epoch", "epoch 1", begin, clock.steady_now(), 50},
                      Json::object({{"loss", 0.5}}));
  }
  (*recorder)->decision("learner", "cnn", "the rows are images");
  const RunTotals before = (*recorder)->so_far();
  const auto totals = (*recorder)->finish("done", 0);
  ASSERT_TRUE(totals.ok()) << totals.error().to_string();
  EXPECT_EQ(before.energy.value, totals->energy.value) << "nothing came between";
  EXPECT_EQ(before.time, totals->time);
  ASSERT_EQ(before.stages.size(), 3u);
  EXPECT_EQ(before.stages[2].energy.value, totals->stages[2].energy.value);
  EXPECT_NEAR(in_joules(*totals->energy.value), 7.37, 1e-6);
  ASSERT_EQ(totals->stages.size(), 3u);
  EXPECT_NEAR(in_joules(*totals->stages[0].energy.value), 1.0, 1e-6);
  EXPECT_NEAR(in_joules(*totals->stages[2].energy.value), 0.37, 1e-6);

  const auto view = view_ledger(folder.path(), {}, real_file_system());
  ASSERT_TRUE(view.ok()) << view.error().to_string();
  const RunRecord& record = view->files.at(0).runs.at(0);
  ASSERT_TRUE(record.end.has_value());
  Energy sum;
  Duration cpu{};
  std::int64_t cents = 0;
  for (const StageLine& stage : record.stages) {
    sum += stage.energy.value.value();
    cpu += stage.cpu;
    cents += stage.money.value().billionths;
  }
  EXPECT_EQ(sum, record.end->energy.value);
  EXPECT_EQ(cpu, record.end->cpu);
  EXPECT_EQ(cents, record.end->money.value().billionths);
  ASSERT_EQ(record.events.size(), 1u);
  EXPECT_EQ(record.events[0].stage, 1);
  EXPECT_NEAR(in_joules(*record.events[0].energy.value), 6.0, 1e-6);
  const std::string text = to_text(*view);
  for (const char* word : {"read", "train", "epoch 1", "unattributed", "total", "modelled"}) {
    EXPECT_NE(text.find(word), std::string::npos) << word << "\n" << text;
  }
  const Json json = to_json(*view);
  EXPECT_EQ(json["schema"].as_string(), "tenbin.ledger/1");
  EXPECT_EQ(json["ledgers"].items()[0]["runs"].items()[0]["stages"].items().size(), 3u);
}

TEST_F(Recorder, ARunThatIsNotFinishedStandsAsSuch) {
  auto ledger = Ledger::open(folder / "ledger.db");
  ASSERT_TRUE(ledger.ok());
  {
    auto recorder = RunRecorder::begin(ledger->get(), *meter, clock, Prices{}, info());
    ASSERT_TRUE(recorder.ok());
    auto stage = (*recorder)->stage("read");
    work(1s, 1s);
  }
  const auto view = view_ledger(folder.path(), {}, real_file_system());
  ASSERT_TRUE(view.ok());
  EXPECT_FALSE(view->files[0].runs[0].end.has_value());
  EXPECT_NE(to_text(*view).find("running"), std::string::npos) << "this process is alive";
  const Json json = to_json(*view);
  EXPECT_EQ(json["ledgers"].items()[0]["runs"].items()[0]["status"].as_string(), "running");
}

TEST_F(Recorder, ARunWhoseProcessIsGoneWasKilled) {
  const std::string here = this_process_id();
  const std::string boot = here.substr(0, here.find('/'));
  const struct {
    const char* why;
    std::string process, status;
  } rows[] = {
      {"this one", here, "running"},
      {"its number was given to another", here + "1", "killed"},
      {"no such process", boot + "/4194305/7", "killed"},
      {"another boot or machine", "0-0/1/7", "unfinished"},
      {"a ledger of version 1 does not say", "", "unfinished"},
      {"nonsense", boot + "/-1x/7", "unfinished"},
  };
  for (const auto& row : rows) {
    const TestFolder own;
    {
      auto ledger = Ledger::open(own / "ledger.db");
      ASSERT_TRUE(ledger.ok());
      RunLine line;
      line.id = "r1";
      line.machine = line.options = Json::object();
      line.process = row.process;
      ASSERT_TRUE((*ledger)->append(line).ok());
    }
    const auto view = view_ledger(own.path(), {}, real_file_system());
    ASSERT_TRUE(view.ok()) << view.error().to_string();
    const Json run = to_json(*view)["ledgers"].items()[0]["runs"].items()[0];
    EXPECT_EQ(run["status"].as_string(), row.status) << row.why;
    EXPECT_NE(to_text(*view).find("  " + row.status + ": "), std::string::npos) << row.why;
  }
}

TEST_F(Recorder, BudgetsAreOvershotByAtMostOneStep) {
  const struct {
    const char* why;
    const char* budget;
    Duration step, cpu;
    const char* says;
  } rows[] = {
      {"time", "time=5s", 70ms, 70ms, "time"},
      {"energy at 1 W", "energy=5J", 90ms, 90ms, "energy"},
      {"money", "money=0.000001usd", 1s, 1s, "money"},
      {"carbon", "co2e=0.001gCO2e", 330ms, 330ms, "carbon"},
  };
  for (const auto& row : rows) {
    const std::vector<std::string> texts{row.budget};
    const auto limits = parse_limits(texts);
    ASSERT_TRUE(limits.ok()) << limits.error().to_string();
    const Duration started = meter->sample();
    BudgetWatch watch(*limits, Prices{}, *meter, clock, started);
    std::optional<std::string> why;
    int steps = 0;
    while (!(why = watch.exceeded()) && steps < 10'000) {
      work(row.step, row.cpu);
      ++steps;
    }
    ASSERT_TRUE(why.has_value()) << row.why;
    EXPECT_TRUE(why->starts_with(row.says)) << *why;
    EXPECT_GT(steps, 1) << row.why;
    EXPECT_FALSE(watch.used_up().has_value()) << row.why << ": stopped before the limit";
    work(row.step * 2, row.cpu * 2);
    EXPECT_TRUE(watch.used_up().has_value()) << row.why << ": two steps later it is passed";
  }
}

TEST_F(Recorder, NoBudgetNeverStops) {
  BudgetWatch watch(Limits{}, Prices{}, *meter, clock, meter->sample());
  work(1000s, 1000s);
  EXPECT_FALSE(watch.exceeded().has_value());
}

}  // namespace
}  // namespace tenbin
