// SPDX-License-Identifier: Apache-2.0
// Each call that makes something durable fails once, or from then on, in turn, until the operation
// was covered. Promise: a clean error, the old or the new state and nothing between, and after a
// fault that passed the next try works.
#include "data/streams/streams.h"
#include "engine/checkpoint.h"
#include "engine/train.h"
#include "graph/nets/nets.h"
#include "platform/fakes/fault_file_system.h"
#include "platform/fakes/test_folder.h"
#include "record/fakes/fault_vfs.h"
#include "tests/faults/program.h"

namespace tenbin {
namespace {

std::vector<FaultFileSystem::Plan> plans(int n) {
  using Kind = FaultFileSystem::Kind;
  return {{n, Kind::kError, false},
          {n, Kind::kError, true},
          {n, Kind::kShortWrite, false},
          {n, Kind::kShortWrite, true}};
}

TEST(FailNth, ADurableWriteIsAllOrNothing) {
  const TestFolder folder;
  const std::string path = folder / "file", before(5000, 'o'), after(9000, 'n');
  int faults = 0;
  for (int n = 1, fired = 1; fired > 0; ++n) {
    fired = 0;
    for (const auto& plan : plans(n)) {
      ASSERT_TRUE(real_file_system().write_durable(path, before).ok());
      FaultFileSystem files(real_file_system(), plan);
      const Status status = files.write_durable(path, after);
      fired += files.fired();
      faults += files.fired();
      const std::string now = *real_file_system().read_text(path, 1 << 20);
      ASSERT_TRUE(now == before || now == after) << "call " << n;
      if (status.ok()) {
        EXPECT_EQ(now, after);
      } else {
        EXPECT_EQ(status.error().code(), ErrorCode::kIo);
        EXPECT_FALSE(status.error().where().empty()) << "names the file";
      }
      EXPECT_TRUE(real_file_system().write_durable(path, after).ok()) << "and works afterwards";
      EXPECT_EQ(*real_file_system().read_text(path, 1 << 20), after);
      EXPECT_EQ(real_file_system().list(folder.path())->size(), 1u) << "nothing is left behind";
    }
  }
  EXPECT_GE(faults, 4 * 5) << "create, write, sync, rename, sync of the folder";
}

TEST(FailNth, ACheckpointIsTheOldOrTheNewOne) {
  const TestFolder folder;
  const std::string path = folder / "checkpoint.bin";
  std::vector<float> features;
  std::vector<std::int64_t> labels;
  for (int i = 0; i < 64; ++i) {
    features.push_back(static_cast<float>(i % 7) - 3);
    labels.push_back(i % 7 > 3);
  }
  TrainOptions options;
  options.epochs = 4;
  options.patience = 0;
  const auto run = [&](FileSystem& files, std::string_view resume) {
    RowTargets targets;
    targets.labels = labels;
    const auto rows = dense_stream(features, {1}, targets, {16, true, 1, false});
    const auto valid = dense_stream(features, {1}, targets, {16, false, 1, false});
    TrainHooks hooks;
    hooks.save = [&](std::span<const std::byte> bytes) { return files.write_durable(path, bytes); };
    return train(*make_mlp(1, {4}, 2, 1), *rows, *valid, options, hooks, resume);
  };
  int faults = 0;
  for (int n = 1, fired = 1; fired > 0; ++n) {
    fired = 0;
    for (const auto& plan : plans(n)) {
      ASSERT_TRUE(real_file_system().remove(path).ok());
      FaultFileSystem files(real_file_system(), plan);
      const auto result = run(files, {});
      fired += files.fired();
      faults += files.fired();
      if (!result.ok()) {
        EXPECT_EQ(result.error().code(), ErrorCode::kIo) << result.error().to_string();
      }
      std::string kept;
      if (real_file_system().exists(path)) {
        kept = *real_file_system().read_text(path, 1 << 24);
        ASSERT_TRUE(read_checkpoint(kept).ok()) << "call " << n;
      }
      const auto again = run(real_file_system(), kept);
      ASSERT_TRUE(again.ok()) << again.error().to_string();
      EXPECT_EQ(again->steps, 16);
    }
  }
  EXPECT_GE(faults, 4 * 4 * 5);
}

RunLine line_of(int i) {
  RunLine line;
  line.id = "run " + std::to_string(i);
  line.name = std::string(2000, 'x');  // several pages, so that the log is written in several calls
  line.machine = line.options = Json::object();
  return line;
}

TEST(FailNth, AnAcknowledgedLedgerLineIsThere) {
  int faults = 0;
  for (int n = 1, fired = 1; fired > 0; ++n) {
    fired = 0;
    for (const auto kind : {FaultVfs::Kind::kError, FaultVfs::Kind::kFull}) {
      for (const bool persistent : {false, true}) {
        const TestFolder folder;
        const std::string path = folder / "ledger.db";
        std::vector<std::string> acknowledged;
        {
          const FaultVfs vfs(n, kind, persistent);
          {
            auto ledger = Ledger::open(path);
            for (int i = 0; ledger.ok() && i < 3; ++i) {
              const Status status = (*ledger)->append(line_of(i));
              if (status.ok()) {
                acknowledged.push_back(line_of(i).id);
              } else {
                EXPECT_EQ(status.error().code(), ErrorCode::kIo) << status.error().to_string();
                EXPECT_TRUE((*ledger)->runs().ok() || persistent) << "reading goes on";
              }
            }
            if (!ledger.ok()) {
              EXPECT_EQ(ledger.error().code(), ErrorCode::kIo) << ledger.error().to_string();
            }
          }
          fired += vfs.fired();
          faults += vfs.fired();
          if (!vfs.fired()) {
            EXPECT_EQ(acknowledged.size(), 3u);
          }
        }
        auto ledger = Ledger::open(path);
        ASSERT_TRUE(ledger.ok()) << "call " << n << ": " << ledger.error().to_string();
        const auto ids = (*ledger)->runs();
        ASSERT_TRUE(ids.ok());
        for (const std::string& id : acknowledged) {
          EXPECT_TRUE(std::find(ids->begin(), ids->end(), id) != ids->end())
              << id << " was acknowledged and is lost; call " << n;
        }
        EXPECT_TRUE((*ledger)->append(line_of(99)).ok()) << "and it takes lines again";
      }
    }
    ASSERT_LT(n, 500);
  }
  RecordProperty("faults", faults);
  EXPECT_GE(faults, 100);
}

}  // namespace
}  // namespace tenbin
