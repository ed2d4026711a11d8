// SPDX-License-Identifier: Apache-2.0
#include "record/sqlite/database.h"

#include <sqlite3.h>

namespace tenbin {
namespace {

Error error_of(sqlite3* db) {
  const int code = sqlite3_errcode(db) & 0xff;
  const char* file = sqlite3_db_filename(db, "main");
  const std::string where = file ? file : "";
  const std::string text = sqlite3_errmsg(db);
  switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error(ErrorCode::kLocked, "another process is writing to the ledger", where);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Error(ErrorCode::kBadLedger,
                   "the ledger is damaged or is another kind of file: " + text, where);
    case SQLITE_FULL: return Error(ErrorCode::kIo, "no room left to write the ledger", where);
    case SQLITE_CONSTRAINT:
      return Error(ErrorCode::kBug, "line refused by the ledger: " + text, where);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return Error(ErrorCode::kIo, "ledger cannot be read or written: " + text, where);
    default: return Error(ErrorCode::kBadLedger, "ledger cannot be used: " + text, where);
  }
}

}  // namespace

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(std::string_view text) {
  sqlite3_bind_text64(statement_, ++parameter_, text.data(), text.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}
Statement& Statement::bind(std::int64_t number) {
  sqlite3_bind_int64(statement_, ++parameter_, number);
  return *this;
}
Statement& Statement::bind(double number) {
  sqlite3_bind_double(statement_, ++parameter_, number);
  return *this;
}
Statement& Statement::bind_null() {
  sqlite3_bind_null(statement_, ++parameter_);
  return *this;
}

Result<bool> Statement::step() {
  column_ = 0;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return error_of(db_);
}

bool Statement::is_null() const { return sqlite3_column_type(statement_, column_) == SQLITE_NULL; }
std::string Statement::text() {
  const auto* bytes = sqlite3_column_text(statement_, column_);
  const int size = sqlite3_column_bytes(statement_, column_++);
  return bytes ? std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size))
               : std::string();
}
std::int64_t Statement::integer() { return sqlite3_column_int64(statement_, column_++); }
double Statement::number() { return sqlite3_column_double(statement_, column_++); }

Result<std::unique_ptr<Database>> Database::open(const std::string& path, bool write,
                                                 Duration patience) {
  sqlite3* db = nullptr;
  const int flags = (write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  std::unique_ptr<Database> out(new Database(db));
  if (code != SQLITE_OK) {
    return Error(ErrorCode::kIo, std::string("ledger cannot be opened: ") + sqlite3_errstr(code),
                 path);
  }
  sqlite3_busy_timeout(db, static_cast<int>(patience / 1ms));
  // The file may come from anyone: its schema runs no functions and cannot be rewritten.
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return out;
}

Database::~Database() { sqlite3_close_v2(db_); }

Status Database::run(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error_of(db_);
  return {};
}

Result<std::unique_ptr<Statement>> Database::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK) return error_of(db_);
  return std::make_unique<Statement>(db_, statement);
}

Result<std::int64_t> Database::number(const char* sql) {
  TENBIN_TRY(const auto statement, prepare(sql));
  TENBIN_TRY(const bool row, statement->step());
  return row ? statement->integer() : 0;
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

}  // namespace tenbin
