// SPDX-License-Identifier: Apache-2.0
// `tenbin fit` is killed at random moments. Promise: what the ledger showed stays, each checkpoint
// verifies and never goes back, the killed run is shown as such, and --resume ends with the very
// model of a run that nobody touched.
#include <map>

#include "engine/checkpoint.h"
#include "platform/clock.h"
#include "platform/fakes/test_folder.h"
#include "tests/faults/program.h"

namespace tenbin {
namespace {

struct Dice {
  std::uint32_t state;
  std::uint32_t below(std::uint32_t n) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % n;
  }
};

// Lines of a ledger that a reader has seen, so that they may never be lost.
struct Seen {
  std::map<std::string, std::size_t> lines;  // by run
  void look(const std::string& path) {
    std::map<std::string, std::size_t> now;
    for (const RunRecord& run : runs_of(path)) {
      now[run.run.id] = run.stages.size() + run.events.size() + run.measurements.size() +
                        run.artefacts.size() + run.decisions.size() + (run.end ? 1 : 0);
    }
    for (const auto& [id, count] : lines) {
      ASSERT_TRUE(now.count(id)) << "run " << id << " is lost";
      ASSERT_GE(now[id], count) << "a line of run " << id << " is lost";
    }
    lines = std::move(now);
  }
};

// Steps of each checkpoint that is there; each must verify.
void look_at_checkpoints(const std::string& out, std::map<std::string, std::int64_t>& steps) {
  FileSystem& files = real_file_system();
  for (const auto& [name, step] : steps) {
    ASSERT_TRUE(files.exists(join_path(out, name))) << name << " is lost";
  }
  for (const std::string& name : names_in(out)) {
    if (!name.starts_with("checkpoint-") || !name.ends_with(".bin")) continue;
    const auto bytes = files.read_text(join_path(out, name), 1 << 28);
    ASSERT_TRUE(bytes.ok());
    const auto checkpoint = read_checkpoint(*bytes);
    ASSERT_TRUE(checkpoint.ok()) << name << ": " << checkpoint.error().to_string();
    ASSERT_GE(checkpoint->step, steps[name]) << name << " went back";
    steps[name] = checkpoint->step;
  }
}

struct FitKill : testing::Test {
  void SetUp() override { write_table(table, 240); }
  std::vector<std::string> fit(const std::string& out) const {
    return {"fit", table,       "--target", "answer",   "-o", out,
            "-q",  "--threads", "1",        "--epochs", "12", "--resume"};
  }
  TestFolder folder;
  std::string table = folder / "table.csv";
};

TEST_F(FitKill, TwoHundredKillsLoseNothingAndTheModelIsTheSame) {
  const std::string whole = folder / "whole", out = folder / "out";
  const Duration began = real_clock().steady_now();
  ASSERT_EQ(run_program(fit(whole)).code, 0);
  // Kills fall into the first part of a run, where it reads, trains and writes.
  const auto latest = static_cast<std::uint32_t>((real_clock().steady_now() - began) / 5ms);
  const std::string expected = digest_of_file(whole + "/model.onnx");
  const std::string ledger = out + "/ledger.db";
  Dice dice{20'240'601};
  Seen seen;
  std::map<std::string, std::int64_t> steps;
  int kills = 0, ended = 0;
  for (int round = 0; kills < 200; ++round) {
    ASSERT_LT(round, 1000);
    const auto process = start_program(fit(out));
    ASSERT_NE(process, nullptr);
    const auto early = process->wait(Duration(1ms) * dice.below(latest));
    ASSERT_TRUE(early.ok());
    if (*early) {
      ASSERT_EQ((*early)->exit_code, 0) << process->errors();
      ++ended;
    } else {
      ASSERT_TRUE(process->send(Signal::kKill).ok());
      const auto end = process->wait(10s);
      ASSERT_TRUE(end.ok() && end->has_value());
      kills += (*end)->signal == 9;
    }
    if (real_file_system().exists(ledger)) {
      ASSERT_NO_FATAL_FAILURE(seen.look(ledger)) << "round " << round;
      ASSERT_NO_FATAL_FAILURE(look_at_checkpoints(out, steps)) << "round " << round;
    }
    const bool over = steps.size() == 3 && kills % 40 == 39;
    if (!over) continue;
    // Now and then the job is brought to its end, and started anew.
    ASSERT_EQ(run_program(fit(out)).code, 0);
    ASSERT_EQ(digest_of_file(out + "/model.onnx"), expected) << "after " << kills << " kills";
    for (const auto& [name, step] : steps) {
      ASSERT_TRUE(real_file_system().remove(join_path(out, name)).ok());
    }
    steps.clear();
  }
  const ProgramRun last = run_program(fit(out));
  ASSERT_EQ(last.code, 0) << last.err;
  EXPECT_EQ(digest_of_file(out + "/model.onnx"), expected);
  // The ledger tells them apart.
  const ProgramRun shown = run_program({"ledger", out, "--json"});
  ASSERT_EQ(shown.code, 0) << shown.err;
  const auto json = Json::parse(shown.out);
  ASSERT_TRUE(json.ok()) << json.error().to_string();
  std::map<std::string, int> statuses;
  for (const Json& run : (*json)["ledgers"].items()[0]["runs"].items()) {
    ++statuses[run["status"].as_string()];
  }
  EXPECT_GT(statuses["killed"], 20) << "kills before the first line leave no run";
  EXPECT_GE(statuses["done"], 1);
  EXPECT_EQ(statuses["running"] + statuses["unfinished"], 0);
}

// Pictures are trained with a choice that was measured: resuming keeps it.
TEST_F(FitKill, PicturesResumeToTheSameModel) {
  const std::string data = folder / "pictures", first = folder / "first";
  ASSERT_NO_FATAL_FAILURE(write_pictures(data, 600));
  const auto fit_pictures = [&](const std::string& out) {
    return std::vector<std::string>{"fit", data, "--target", "label", "-o",
                                    out,   "-q", "--epochs", "3",     "--resume"};
  };
  // Killed as soon as there is a checkpoint; from there one run goes on alone, one is killed more.
  {
    const auto process = start_program(fit_pictures(first));
    bool found = false;
    for (int i = 0; i < 3000 && !found; ++i) {
      const auto end = process->wait(10ms);
      ASSERT_TRUE(end.ok() && !end->has_value()) << process->errors();
      for (const std::string& name : names_in(first)) {
        found = found || (name.starts_with("checkpoint-") && name.ends_with(".bin"));
      }
    }
    ASSERT_TRUE(found);
    ASSERT_TRUE(process->send(Signal::kKill).ok());
  }
  const std::string second = folder / "second";
  ASSERT_TRUE(real_file_system().make_folders(second).ok());
  for (const std::string& name : names_in(first)) {
    if (!name.ends_with(".bin") && name != "plan.json") continue;
    const auto bytes = real_file_system().read_text(join_path(first, name), 1 << 28);
    ASSERT_TRUE(bytes.ok() &&
                real_file_system().write_durable(join_path(second, name), *bytes).ok());
  }
  ASSERT_EQ(run_program(fit_pictures(first)).code, 0);
  Dice dice{99};
  for (int kill = 0; kill < 5; ++kill) {
    const auto process = start_program(fit_pictures(second));
    (void)process->wait(Duration(1ms) * dice.below(1500)).ok();
    ASSERT_TRUE(process->send(Signal::kKill).ok());
    (void)process->wait(10s).ok();
  }
  ASSERT_EQ(run_program(fit_pictures(second)).code, 0);
  EXPECT_EQ(digest_of_file(first + "/model.onnx"), digest_of_file(second + "/model.onnx"));
}

TEST_F(FitKill, AFirstRunStoppedByALimitResumesToTheSameModel) {
  const std::string whole = folder / "whole", out = folder / "out";
  ASSERT_EQ(run_program(fit(whole)).code, 0);
  for (const char* limit : {"time=150ms", "time=200ms", "energy=150mJ", "time=1ms"}) {
    auto words = fit(out);
    words.insert(words.end(), {"--limit", limit});
    const int code = run_program(words).code;
    EXPECT_TRUE(code == 0 || code == 5) << limit << ": " << code;
  }
  ASSERT_EQ(run_program(fit(out)).code, 0);
  EXPECT_EQ(digest_of_file(out + "/model.onnx"), digest_of_file(whole + "/model.onnx"));
}

TEST_F(FitKill, ADamagedOrForeignCheckpointIsRefusedAndKept) {
  const std::string out = folder / "out";
  ASSERT_EQ(run_program(fit(out)).code, 0);
  const std::string checkpoint = out + "/checkpoint-1.bin";
  const std::string good = *real_file_system().read_text(checkpoint, 1 << 28);
  std::string bad = good;
  bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] ^ 4);
  ASSERT_TRUE(real_file_system().write_durable(checkpoint, bad).ok());
  const ProgramRun damaged = run_program(fit(out));
  EXPECT_EQ(damaged.code, 3);
  EXPECT_NE(damaged.err.find("E0602"), std::string::npos) << damaged.err;
  EXPECT_NE(damaged.err.find(checkpoint), std::string::npos) << damaged.err;
  EXPECT_EQ(*real_file_system().read_text(checkpoint, 1 << 28), bad) << "kept for inspection";
  ASSERT_TRUE(real_file_system().write_durable(checkpoint, good).ok());
  write_table(table, 240, 8);  // the data changed under the run
  const ProgramRun foreign = run_program(fit(out));
  EXPECT_EQ(foreign.code, 3);
  EXPECT_NE(foreign.err.find("E0602"), std::string::npos) << foreign.err;
}

}  // namespace
}  // namespace tenbin
