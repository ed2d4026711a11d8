// SPDX-License-Identifier: Apache-2.0
#include "record/ledger.h"

#include <gtest/gtest.h>

#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"
#include "record/sqlite/database.h"
#include "record/sqlite/schema.h"

namespace tenbin {
namespace {

EnergyLine modelled(double j) {
  EnergyLine e;
  e.value = joules(j);
  e.lo = joules(j * 0.7);
  e.hi = joules(j * 1.3);
  e.source = "cpu_model";
  return e;
}

RunLine run_line(const std::string& id) {
  RunLine run;
  run.id = id;
  run.kind = "fit";
  run.name = "a name";
  run.command = {"tenbin", "fit", "x y.csv"};
  run.machine = Json::object({{"cpus", 2}});
  run.options = Json::object({{"seed", 1}});
  run.seed = 7;
  run.version = "0.1.0";
  return run;
}

std::unique_ptr<Ledger> open(const std::string& path, Duration patience = 5s) {
  auto ledger = Ledger::open(path, LedgerMode::kReadWrite, patience);
  EXPECT_TRUE(ledger.ok()) << ledger.error().to_string();
  return ledger.ok() ? std::move(*ledger) : nullptr;
}

// What a writer leaves that was killed before its tables were there.
TEST(Ledger, WithoutTablesHasNoRunsAndTakesThem) {
  const TestFolder folder;
  const std::string empty = folder / "empty.db", begun = folder / "begun.db";
  ASSERT_TRUE(real_file_system().write_durable(empty, "").ok());
  ASSERT_TRUE((*Database::open(begun, true, 1s))->run("PRAGMA journal_mode=WAL").ok());
  for (const std::string& path : {empty, begun}) {
    {
      const auto reader = Ledger::open(path, LedgerMode::kReadOnly);
      ASSERT_TRUE(reader.ok()) << reader.error().to_string();
      const auto runs = (*reader)->runs();
      ASSERT_TRUE(runs.ok()) << runs.error().to_string();
      EXPECT_TRUE(runs->empty());
    }
    ASSERT_TRUE(open(path)->append(run_line("r1")).ok());
    EXPECT_EQ(open(path)->runs()->size(), 1u);
  }
}

TEST(Ledger, GivesBackWhatWasWritten) {
  const TestFolder folder;
  const std::string path = folder / "ledger.db";
  {
    const auto ledger = open(path);
    ASSERT_TRUE(ledger->append(run_line("r1")).ok());
    StageLine stage{"r1",          0,   "train", 1s, 3s, 2s, modelled(5), money(0.1, Currency{}),
                    grams_co2e(2), 100, 10,      20};
    ASSERT_TRUE(ledger->append(stage).ok());
    EnergyLine unknown;
    unknown.hi = joules(9);
    unknown.reason = "reset";
    EventLine event{"r1", 0,  0,  "epoch", "epoch 1",
                    1s,   2s, 50, unknown, Json::object({{"loss", 0.5}})};
    ASSERT_TRUE(ledger->append(event).ok());
    Measurement m;
    m.quantity = "latency";
    m.unit = "s";
    m.value = 1e-3;
    ASSERT_TRUE(ledger->append(MeasurementLine{"r1", "p99", m}).ok());
    ASSERT_TRUE(ledger->append(ArtefactLine{"r1", "model", "model.onnx", "ab", Bytes{12}}).ok());
    ASSERT_TRUE(ledger->append(DecisionLine{"r1", 5, "learner", "cnn", "images"}).ok());
    RunEndLine end{"r1",         "done",       0, "", 9, 4s, 3s, 1ms, modelled(6),
                   std::nullopt, std::nullopt, 99};
    ASSERT_TRUE(ledger->append(end).ok());
  }
  const auto ledger = Ledger::open(path, LedgerMode::kReadOnly);
  ASSERT_TRUE(ledger.ok()) << ledger.error().to_string();
  const auto record = (*ledger)->read("r1");
  ASSERT_TRUE(record.ok()) << record.error().to_string();
  EXPECT_EQ(record->run.command[2], "x y.csv");
  EXPECT_EQ(record->run.seed, 7u);
  ASSERT_EQ(record->stages.size(), 1u);
  EXPECT_EQ(record->stages[0].energy.value, joules(5));
  EXPECT_EQ(record->stages[0].money, money(0.1, Currency{}));
  EXPECT_EQ(record->stages[0].bytes_written, 20);
  ASSERT_EQ(record->events.size(), 1u);
  EXPECT_FALSE(record->events[0].energy.value.has_value()) << "unknown stays unknown, never 0";
  EXPECT_EQ(record->events[0].energy.hi, joules(9));
  EXPECT_DOUBLE_EQ(record->events[0].values["loss"].as_number(), 0.5);
  ASSERT_EQ(record->measurements.size(), 1u);
  EXPECT_EQ(record->measurements[0].measurement.value, 1e-3);
  EXPECT_FALSE(record->measurements[0].measurement.lo.has_value());
  EXPECT_EQ(record->artefacts[0].size.count, 12);
  EXPECT_EQ(record->decisions[0].reason, "images");
  ASSERT_TRUE(record->end.has_value());
  EXPECT_EQ(record->end->peak_memory, 99);
  EXPECT_EQ(record->end->money, std::nullopt);
}

TEST(Ledger, RefusesChangesAndDeletions) {
  const TestFolder folder;
  const std::string path = folder / "ledger.db";
  ASSERT_TRUE(open(path)->append(run_line("r1")).ok());
  auto db = Database::open(path, true, 1s);
  ASSERT_TRUE(db.ok());
  // Every table has both triggers; one that holds a line shows that they bite.
  for (const char* sql : {"UPDATE runs SET name='x'", "DELETE FROM runs"}) {
    EXPECT_FALSE((*db)->run(sql).ok()) << sql;
  }
  EXPECT_EQ((*db)
                ->number("SELECT count(*) FROM sqlite_schema WHERE type='table' AND name NOT LIKE "
                         "'sqlite%'")
                .value(),
            7);
  EXPECT_EQ((*db)->number("SELECT count(*) FROM sqlite_schema WHERE type='trigger'").value(), 14);
}

TEST(Ledger, AnOlderVersionIsReadAsItIsAndUpgradedByAWriter) {
  const TestFolder folder;
  const std::string path = folder / "ledger.db";
  {
    auto db = Database::open(path, true, 1s);
    ASSERT_TRUE((*db)->run("PRAGMA journal_mode=WAL").ok());
    ASSERT_TRUE((*db)->run(ledger_migrations()[0]).ok());
    const std::string stamp = "PRAGMA application_id=" + std::to_string(kLedgerApplicationId) +
                              "; PRAGMA user_version=1;"
                              "INSERT INTO runs VALUES ('old','fit','n',1,2,'[]','{}','{}',3,'0')";
    ASSERT_TRUE((*db)->run(stamp.c_str()).ok());
  }
  {
    const auto reader = Ledger::open(path, LedgerMode::kReadOnly);
    ASSERT_TRUE(reader.ok()) << reader.error().to_string();
    const auto old = (*reader)->read("old");
    ASSERT_TRUE(old.ok()) << old.error().to_string();
    EXPECT_EQ(old->run.seed, 3u);
    EXPECT_EQ(old->run.process, "");
  }
  RunLine line = run_line("new");
  line.process = "boot/1/2";
  ASSERT_TRUE(open(path)->append(line).ok());
  const auto reader = Ledger::open(path, LedgerMode::kReadOnly);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->read("old")->run.seed, 3u) << "nothing is lost by the upgrade";
  EXPECT_EQ((*reader)->read("new")->run.process, "boot/1/2");
  EXPECT_EQ((*Database::open(path, false, 1s))->number("PRAGMA user_version").value(), 2);
}

TEST(Ledger, RefusesALineTwiceAndALineWithoutItsRun) {
  const TestFolder folder;
  const auto ledger = open(folder / "ledger.db");
  ASSERT_TRUE(ledger->append(run_line("r1")).ok());
  EXPECT_FALSE(ledger->append(run_line("r1")).ok());
  EXPECT_FALSE(ledger->append(DecisionLine{"r2", 0, "a", "b", "c"}).ok());
  EXPECT_TRUE(ledger->append(run_line("r2")).ok()) << "a refused line does not stop the ledger";
}

TEST(Ledger, TwoWritersTakeTurns) {
  const TestFolder folder;
  const std::string path = folder / "ledger.db";
  const auto a = open(path), b = open(path);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(a->append(run_line("a" + std::to_string(i))).ok());
    ASSERT_TRUE(b->append(run_line("b" + std::to_string(i))).ok());
  }
  EXPECT_EQ(a->runs()->size(), 40u);
}

TEST(Ledger, SaysWhenAnotherProcessHoldsIt) {
  const TestFolder folder;
  const std::string path = folder / "ledger.db";
  const auto ledger = open(path, 10ms);
  auto other = Database::open(path, true, 10ms);
  ASSERT_TRUE((*other)->run("BEGIN IMMEDIATE").ok());
  const Status status = ledger->append(run_line("r1"));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kLocked);
  ASSERT_TRUE((*other)->run("ROLLBACK").ok());
  EXPECT_TRUE(ledger->append(run_line("r1")).ok()) << "and it works again afterwards";
}

TEST(Ledger, RefusesWhatIsNotALedger) {
  const TestFolder folder;
  FileSystem& files = real_file_system();
  const std::string text = folder / "text.db", other = folder / "other.db",
                    newer = folder / "newer.db", none = folder / "none.db";
  ASSERT_TRUE(files.write_durable(text, std::string(5000, 'x')).ok());
  ASSERT_TRUE((*Database::open(other, true, 1s))->run("CREATE TABLE t (a)").ok());
  open(newer);
  ASSERT_TRUE((*Database::open(newer, true, 1s))->run("PRAGMA user_version=99").ok());
  const struct {
    const char* why;
    std::string path;
    LedgerMode mode;
    ErrorCode code;
  } rows[] = {
      {"text", text, LedgerMode::kReadWrite, ErrorCode::kBadLedger},
      {"a database of others", other, LedgerMode::kReadWrite, ErrorCode::kBadLedger},
      {"a newer version", newer, LedgerMode::kReadWrite, ErrorCode::kBadLedger},
      {"no file to read", none, LedgerMode::kReadOnly, ErrorCode::kUnreadableData},
  };
  for (const auto& row : rows) {
    const auto ledger = Ledger::open(row.path, row.mode);
    ASSERT_FALSE(ledger.ok()) << row.why;
    EXPECT_EQ(ledger.error().code(), row.code) << row.why << ": " << ledger.error().to_string();
  }
}

TEST(Ledger, ADamagedFileIsFoundAtOpening) {
  const TestFolder folder;
  const std::string path = folder / "ledger.db";
  {
    const auto ledger = open(path);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(ledger->append(run_line(std::to_string(i))).ok());
  }
  auto bytes = real_file_system().read_text(path, 1 << 24);
  ASSERT_TRUE(bytes.ok());
  for (std::size_t i = bytes->size() / 2; i < bytes->size() / 2 + 8192 && i < bytes->size(); ++i) {
    (*bytes)[i] = static_cast<char>(0xa5);
  }
  ASSERT_TRUE(real_file_system().write_durable(path, *bytes).ok());
  const auto ledger = Ledger::open(path);
  ASSERT_FALSE(ledger.ok());
  EXPECT_EQ(ledger.error().code(), ErrorCode::kBadLedger) << ledger.error().to_string();
}

}  // namespace
}  // namespace tenbin
