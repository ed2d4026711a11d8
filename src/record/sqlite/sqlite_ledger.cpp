// SPDX-License-Identifier: Apache-2.0
#include <mutex>

#include "record/ledger.h"
#include "record/sqlite/database.h"
#include "record/sqlite/rows.h"
#include "record/sqlite/schema.h"

namespace tenbin {
namespace {

class SqliteLedger : public Ledger {
 public:
  SqliteLedger(std::string path, std::unique_ptr<Database> db)
      : path_(std::move(path)), db_(std::move(db)) {}

  Status append(const RunLine& line) override { return write(one(line)); }
  Status append(const StageLine& line) override { return write(one(line)); }
  Status append(const EventLine& line) override { return write(one(line)); }
  Status append(std::span<const EventLine> lines) override { return write(lines); }
  Status append(const MeasurementLine& line) override { return write(one(line)); }
  Status append(const ArtefactLine& line) override { return write(one(line)); }
  Status append(const DecisionLine& line) override { return write(one(line)); }
  Status append(const RunEndLine& line) override { return write(one(line)); }

  Result<std::vector<std::string>> runs() override {
    const std::lock_guard lock(mutex_);
    // A file whose writer was killed before its first line has no tables yet.
    TENBIN_TRY(const std::int64_t tables, db_->number("SELECT count(*) FROM sqlite_schema"));
    if (tables == 0) return std::vector<std::string>();
    TENBIN_TRY(const auto rows,
               db_->prepare("SELECT id FROM runs ORDER BY wall_started_ns, rowid"));
    std::vector<std::string> out;
    for (;;) {
      TENBIN_TRY(const bool more, rows->step());
      if (!more) return out;
      out.push_back(rows->text());
    }
  }

  Result<RunRecord> read(const std::string& run) override {
    const std::lock_guard lock(mutex_);
    return read_run(*db_, run);
  }

  Status verify() override {
    const std::lock_guard lock(mutex_);
    TENBIN_TRY(const auto rows, db_->prepare("PRAGMA integrity_check(1)"));
    TENBIN_TRY(const bool any, rows->step());
    const std::string said = any ? rows->text() : "";
    if (said == "ok") return {};
    return Error(ErrorCode::kBadLedger, "the ledger is damaged: " + said, path_);
  }

  const std::string& path() const override { return path_; }

 private:
  template <class Line> static std::span<const Line> one(const Line& line) { return {&line, 1}; }

  template <class Line> Status write(std::span<const Line> lines) {
    const std::lock_guard lock(mutex_);
    if (poisoned_) {
      return Error(ErrorCode::kIo, "an earlier write to the ledger failed, so it takes no more",
                   path_)
          .with_hint("check the disk and start again; what was acknowledged is kept");
    }
    Status status = write_all(lines);
    if (status.ok()) return status;
    if (db_->in_transaction() && !db_->run("ROLLBACK").ok()) poisoned_ = true;
    // A full disk is not a lie; any other failed I/O may be, so nothing is acknowledged after it.
    const bool full = status.error().message().starts_with("no room left");
    if (status.error().code() == ErrorCode::kIo && !full) poisoned_ = true;
    if (status.error().code() == ErrorCode::kBadLedger) poisoned_ = true;
    return status;
  }

  template <class Line> Status write_all(std::span<const Line> lines) {
    TENBIN_CHECK(db_->run("BEGIN IMMEDIATE"));
    for (const Line& line : lines) TENBIN_CHECK(insert(*db_, line));
    return db_->run("COMMIT");
  }

  std::string path_;
  std::unique_ptr<Database> db_;
  std::mutex mutex_;
  bool poisoned_ = false;
};

Status migrate(Database& db, std::int64_t version) {
  const auto steps = ledger_migrations();
  for (; version < static_cast<std::int64_t>(steps.size()); ++version) {
    TENBIN_CHECK(db.run(steps[static_cast<std::size_t>(version)]));
  }
  const std::string stamp = "PRAGMA application_id=" + std::to_string(kLedgerApplicationId) +
                            "; PRAGMA user_version=" + std::to_string(steps.size());
  return db.run(stamp.c_str());
}

// Brings a new or older file to this version; all or nothing, one process at a time.
Status bring_up(Database& db, const std::string& path, bool write) {
  if (write) {
    TENBIN_CHECK(db.run("PRAGMA journal_mode=WAL"));
    TENBIN_CHECK(
        db.run("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
               "PRAGMA recursive_triggers=ON; BEGIN IMMEDIATE"));
  }
  TENBIN_TRY(const std::int64_t version, db.number("PRAGMA user_version"));
  TENBIN_TRY(const std::int64_t application, db.number("PRAGMA application_id"));
  TENBIN_TRY(const std::int64_t tables, db.number("SELECT count(*) FROM sqlite_schema"));
  const bool fresh = version == 0 && application == 0 && tables == 0;
  if (!fresh && application != kLedgerApplicationId) {
    return Error(ErrorCode::kBadLedger, "the file is an SQLite database but not a tenbin ledger",
                 path);
  }
  if (version > kLedgerVersion) {
    return Error(ErrorCode::kBadLedger,
                 "the ledger has version " + std::to_string(version) +
                     ", this program knows up to " + std::to_string(kLedgerVersion),
                 path)
        .with_hint("use a newer tenbin");
  }
  if (!write) return {};
  if (version < kLedgerVersion) TENBIN_CHECK(migrate(db, version));
  return db.run("COMMIT");
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(const std::string& path, LedgerMode mode,
                                             Duration patience) {
  const bool write = mode == LedgerMode::kReadWrite;
  auto opened = Database::open(path, write, patience);
  if (!opened.ok() && !write) {
    return Error(ErrorCode::kUnreadableData, "no ledger can be opened there", path);
  }
  TENBIN_TRY(auto db, std::move(opened));
  TENBIN_CHECK(bring_up(*db, path, write));
  auto ledger = std::make_unique<SqliteLedger>(path, std::move(db));
  TENBIN_CHECK(ledger->verify());
  return std::unique_ptr<Ledger>(std::move(ledger));
}

}  // namespace tenbin
