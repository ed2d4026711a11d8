// SPDX-License-Identifier: Apache-2.0
// Limits bound the whole run, through the real program: what the ledger says of its time is never
// more than the limit and one step, which the ledger tells as well.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"
#include "platform/process.h"
#include "platform/random.h"
#include "record/ledger.h"

namespace tenbin {
namespace {

constexpr std::int64_t kRows = 300'000;
constexpr int kColumns = 20;

std::string large_table() {
  Random random(1, 2);
  std::string out = "y";
  for (int c = 1; c < kColumns; ++c) out += ",x" + std::to_string(c);
  out += '\n';
  for (std::int64_t row = 0; row < kRows; ++row) {
    out += random.below(2) == 0 ? "a" : "b";
    for (int c = 1; c < kColumns; ++c) out += "," + std::to_string(random.below(100'000));
    out += '\n';
  }
  return out;
}

// The longest step that the run tells of: a piece of the work before training, or the last step
// before a stop.
Duration longest_step(const RunRecord& run) {
  Duration out{};
  for (const EventLine& event : run.events) {
    if (event.what == "pieces") {
      out = std::max(out, seconds(event.values["longest_seconds"].as_number()));
    }
    if (event.what == "stop") out = std::max(out, event.end - event.begin);
  }
  return out;
}

class LimitsOfLargeData : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = new TestFolder;
    ASSERT_TRUE(real_file_system().write_durable(*shared_ / "large.csv", large_table()).ok());
  }
  static void TearDownTestSuite() { delete std::exchange(shared_, nullptr); }

  static int fit(const std::string& limit, const std::string& out, std::string& errors) {
    ProcessOptions options;
    options.capture_output = true;
    auto process = real_processes().start({TENBIN_PROGRAM, "fit", *shared_ / "large.csv",
                                           "--target", "y", "--limit", limit, "-o", out},
                                          options);
    EXPECT_TRUE(process.ok());
    const auto end = (*process)->wait(seconds(120));
    EXPECT_TRUE(end.ok() && end->has_value()) << "it does not end";
    errors = (*process)->errors();
    return end.ok() && end->has_value() ? (*end)->exit_code : -1;
  }
  static RunRecord recorded(const std::string& out) {
    auto ledger = Ledger::open(out + "/ledger.db");
    EXPECT_TRUE(ledger.ok()) << out;
    if (!ledger.ok()) return {};
    const auto runs = (*ledger)->runs();
    EXPECT_TRUE(runs.ok() && runs->size() == 1) << out;
    if (!runs.ok() || runs->empty()) return {};
    auto record = (*ledger)->read(runs->front());
    EXPECT_TRUE(record.ok()) << out;
    return record.ok() ? std::move(*record) : RunRecord();
  }
  static TestFolder* shared_;
};
TestFolder* LimitsOfLargeData::shared_ = nullptr;

// Whether a machine gets to training within them or not: the sum holds.
TEST_F(LimitsOfLargeData, NoStagePassesTheLimitByMoreThanAStep) {
  const struct {
    const char* limit;
    Duration time;
  } rows[] = {{"time=3s", 3s}, {"time=8s", 8s}};
  for (const auto& row : rows) {
    const TestFolder own;
    const std::string out = own / "out";
    std::string errors;
    const int code = fit(row.limit, out, errors);
    EXPECT_TRUE(code == 0 || code == 5) << errors;
    const RunRecord run = recorded(out);
    ASSERT_TRUE(run.end.has_value());
    const Duration step = longest_step(run);
    EXPECT_GT(step.count(), 0) << "the ledger tells how long a step was";
    EXPECT_LE((run.end->ended - run.run.started).count(), (row.time + step).count()) << row.limit;
    const bool model = real_file_system().exists(out + "/model.onnx");
    EXPECT_EQ(model, !run.artefacts.empty()) << "a model is there when the run says so";
  }
}

TEST_F(LimitsOfLargeData, ABudgetThatEndsWhileReadingLeavesNothingHalfDone) {
  const TestFolder own;
  const std::string out = own / "out";
  std::string errors;
  EXPECT_EQ(fit("time=20ms", out, errors), 5) << errors;
  for (const char* part :
       {"error[E0501]: time: ", "before training began", "large.csv", "hint: "}) {
    EXPECT_NE(errors.find(part), std::string::npos) << part << " lacks in " << errors;
  }
  const RunRecord run = recorded(out);
  ASSERT_TRUE(run.end.has_value());
  EXPECT_EQ(run.end->status, "budget");
  EXPECT_EQ(run.end->exit_code, 5);
  ASSERT_EQ(run.stages.size(), 2u);
  EXPECT_EQ(run.stages.front().name, "read") << "no stage began that could not be";
  for (const char* name : {"model.onnx", "result.json", "report.html", "features.spool"}) {
    EXPECT_FALSE(real_file_system().exists(out + "/" + name)) << name;
  }
}

}  // namespace
}  // namespace tenbin
