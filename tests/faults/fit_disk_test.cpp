// SPDX-License-Identifier: Apache-2.0
// What the file system refuses: no room, no permission, the wrong kind of thing, another process.
#include "engine/checkpoint.h"
#include "platform/fakes/test_folder.h"
#include "tests/faults/program.h"

namespace tenbin {
namespace {

struct FitDisk : testing::Test {
  void SetUp() override { write_table(table, 240); }
  std::vector<std::string> fit(const std::string& out) const {
    return {"fit", table,       "--target", "answer",   "-o", out,
            "-q",  "--threads", "1",        "--epochs", "12", "--resume"};
  }
  // A run stopped once its largest checkpoint exists.
  void stop_after_checkpoint(const std::string& out, const std::string& name) {
    const auto process = start_program(fit(out));
    for (int i = 0; i < 3000; ++i) {
      const auto end = process->wait(5ms);
      ASSERT_TRUE(end.ok() && !end->has_value()) << process->errors();
      if (real_file_system().exists(join_path(out, name))) break;
    }
    ASSERT_TRUE(process->send(Signal::kKill).ok());
    (void)process->wait(10s).ok();
    ASSERT_TRUE(real_file_system().exists(join_path(out, name)));
  }
  TestFolder folder;
  std::string table = folder / "table.csv";
};

TEST_F(FitDisk, NoRoomForACheckpointKeepsThePreviousOne) {
  const std::string whole = folder / "whole", out = folder / "out";
  ASSERT_EQ(run_program(fit(whole)).code, 0);
  ASSERT_NO_FATAL_FAILURE(stop_after_checkpoint(out, "checkpoint-2.bin"));
  const std::string path = out + "/checkpoint-2.bin";
  const std::string before = *real_file_system().read_text(path, 1 << 28);
  // Files may grow to three quarters of it. ThreadSanitizer starts by writing 512 KiB and mapping
  // them as the shadow of code (where libomp has its strings), however much was written: with less
  // room it dies of SIGBUS.
  const std::size_t room = before.size() / 4 * 3;
  ASSERT_GT(room, std::size_t{512} << 10) << "a larger network is needed";
  const ProgramRun full = run_program(fit(out), {"prlimit", "--fsize=" + std::to_string(room)});
  EXPECT_EQ(full.code, 1) << full.err;
  EXPECT_NE(full.err.find("checkpoint-2.bin"), std::string::npos) << full.err;
  EXPECT_EQ(*real_file_system().read_text(path, 1 << 28), before) << "the previous one is intact";
  EXPECT_FALSE(real_file_system().exists(path + ".part"));
  const RunRecord failed = ended_run_of(out + "/ledger.db");
  EXPECT_EQ(failed.end->status, "failed") << full.err;
  EXPECT_EQ(failed.end->exit_code, 1) << full.err;
  ASSERT_EQ(run_program(fit(out)).code, 0) << "and with room again it goes on";
  EXPECT_EQ(digest_of_file(out + "/model.onnx"), digest_of_file(whole + "/model.onnx"));
}

// A real full disk: a file system of one megabyte in a mount namespace of its own.
TEST_F(FitDisk, AFullDiskIsToldAndNothingIsLost) {
  const std::string disk = folder / "disk", kept = folder / "kept";
  ASSERT_TRUE(real_file_system().make_folders(disk).ok());
  std::string command;
  for (const std::string& word : fit(disk + "/out")) command += " '" + word + "'";
  ProcessOptions options;
  options.capture_output = true;
  const std::string script = "mount -t tmpfs -o size=900k none " + disk + " || exit 77; " +
                             TENBIN_PROGRAM + command + "; code=$?; cp -r " + disk + "/out " +
                             kept + "; exit $code";
  auto process = real_processes().start({"unshare", "-m", "sh", "-c", script}, options);
  ASSERT_TRUE(process.ok());
  const ProgramRun run = finish_program(**process);
  // A full disk ends in 1 as well: unshare's own refusal is known by its name.
  if (run.code == 77 || run.err.starts_with("unshare:")) {
    GTEST_SKIP() << "may not mount: " << run.err;
  }
  EXPECT_EQ(run.code, 1) << run.err;
  EXPECT_NE(run.err.find("No space left"), std::string::npos) << run.err;
  int checkpoints = 0;
  for (const std::string& name : names_in(kept)) {
    if (!name.ends_with(".bin")) continue;
    ++checkpoints;
    EXPECT_TRUE(
        read_checkpoint(*real_file_system().read_text(join_path(kept, name), 1 << 28)).ok());
  }
  EXPECT_GT(checkpoints, 0) << "the small ones found room";
  EXPECT_EQ(runs_of(kept + "/ledger.db").size(), 1u);
  ASSERT_EQ(run_program(fit(kept)).code, 0) << "where there is room it goes on";
}

TEST_F(FitDisk, OnlyOneRunAtATimeMayUseAFolder) {
  const std::string out = folder / "out";
  const auto first = start_program(fit(out));
  for (int i = 0; i < 3000 && !real_file_system().exists(out + "/ledger.db"); ++i) {
    (void)first->wait(5ms).ok();
  }
  ASSERT_TRUE(first->send(Signal::kStop).ok());
  const ProgramRun second = run_program(fit(out));
  EXPECT_EQ(second.code, 1) << second.err;
  EXPECT_NE(second.err.find("another process"), std::string::npos) << second.err;
  ASSERT_TRUE(first->send(Signal::kContinue).ok());
  EXPECT_EQ(finish_program(*first).code, 0) << "the first one is not disturbed";
  EXPECT_EQ(run_program(fit(out)).code, 0) << "the lock went with its owner";
  EXPECT_EQ(runs_of(out + "/ledger.db").size(), 2u) << "the refused one wrote no line";
}

TEST_F(FitDisk, PlacesThatCannotBeWrittenAreRefused) {
  FileSystem& files = real_file_system();
  const std::string file = folder / "file";
  ASSERT_TRUE(files.write_durable(file, "mine").ok());
  const struct {
    const char* why;
    std::string out;
    int code;
  } rows[] = {
      {"a file is there", file, 1},
      {"below a file", file + "/out", 1},
      {"the kernel's own", "/proc/tenbin-out", 1},
      {"an empty name", "", 2},
  };
  for (const auto& row : rows) {
    const ProgramRun run = run_program(fit(row.out));
    EXPECT_EQ(run.code, row.code) << row.why << run.err;
    EXPECT_NE(run.err.find("error[E"), std::string::npos) << row.why;
  }
  EXPECT_EQ(*files.read_text(file, 100), "mine");
}

// Links planted in the output folder are not followed to other people's files.
TEST_F(FitDisk, LinksInTheFolderAreReplacedNotFollowed) {
  const std::string out = folder / "out", victim = folder / "victim";
  FileSystem& files = real_file_system();
  ASSERT_TRUE(files.make_folders(out).ok());
  const char* names[] = {"model.onnx",       "model.onnx.part",       "report.html",
                         "checkpoint-0.bin", "checkpoint-0.bin.part", "result.json.part"};
  for (const char* name : names) {
    ASSERT_TRUE(files.write_durable(victim + "-" + name, "mine").ok());
    auto link = real_processes().start({"ln", "-s", victim + "-" + name, join_path(out, name)}, {});
    ASSERT_TRUE(link.ok() && (*link)->wait(10s).ok());
  }
  auto words = fit(out);
  words.pop_back();  // not to resume
  ASSERT_EQ(run_program(words).code, 0);
  for (const char* name : names) {
    EXPECT_EQ(*files.read_text(victim + "-" + name, 1 << 20), "mine") << name;
  }
  // The lock is opened, not replaced: through a link it is refused.
  const std::string other = folder / "other";
  ASSERT_TRUE(files.make_folders(other).ok());
  auto link = real_processes().start({"ln", "-s", victim, other + "/.lock"}, {});
  ASSERT_TRUE(link.ok() && (*link)->wait(10s).ok());
  EXPECT_EQ(run_program(fit(other)).code, 1);
  EXPECT_FALSE(files.exists(victim));
}

TEST_F(FitDisk, TwoMetersMayShareALedger) {
  const std::string ledger = folder / "ledger.db";
  std::vector<std::unique_ptr<Process>> writers;
  writers.reserve(8);
  for (int i = 0; i < 8; ++i) {
    writers.push_back(start_program({"meter", "--ledger", ledger, "--", "true"}));
  }
  for (const auto& writer : writers) EXPECT_EQ(finish_program(*writer).code, 0);
  const auto runs = runs_of(ledger);
  EXPECT_EQ(runs.size(), 8u);
  for (const RunRecord& run : runs) {
    EXPECT_TRUE(run.end.has_value());
    EXPECT_EQ(run.stages.size(), 2u);
  }
}

}  // namespace
}  // namespace tenbin
