// SPDX-License-Identifier: Apache-2.0
#include "data/sqlite/sqlite_rows.h"

#include <sqlite3.h>

#include <optional>
#include <set>
#include <string_view>

#include "base/limits.h"
#include "data/time_text.h"
#include "platform/file_system.h"
#include "platform/process.h"

namespace tenbin {
namespace {

constexpr std::size_t kBlock = 2'048;          // rows
constexpr int kStepsBetweenLooks = 1'000'000;  // of the virtual machine, some milliseconds

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// A query may read and compute.
int allow_reading(void*, int action, const char*, const char*, const char*, const char*) {
  const bool reads = action == SQLITE_SELECT || action == SQLITE_READ ||
                     action == SQLITE_FUNCTION || action == SQLITE_RECURSIVE;
  return reads ? SQLITE_OK : SQLITE_DENY;
}

class SqliteRows : public RawRows {
 public:
  SqliteRows(std::string path, StopQuestion may_go_on)
      : path_(std::move(path)), may_go_on_(std::move(may_go_on)) {}

  Status open();
  Status ask(const std::string& query);
  const std::vector<RawColumn>& columns() const override { return columns_; }
  Status start(const std::vector<bool>& wanted) override {
    wanted_ = wanted;
    done_ = false;
    passed_ = 0;
    sqlite3_reset(statement_.get());
    return {};
  }
  Result<std::int64_t> next(std::vector<RawCells>& into) override;
  std::string place(std::int64_t row) const override {
    return std::string(file_name(path_)) + ", row " + std::to_string(row + 1);
  }

 private:
  // Asked by SQLite in the middle of its work; not 0 ends that.
  static int look(void* self) {
    auto& rows = *static_cast<SqliteRows*>(self);
    const Status go = interrupted() ? Status(Error(ErrorCode::kInterrupted, "stopped on request"))
                                    : rows.may_go_on_();
    if (!go.ok()) rows.stopped_ = go.error();
    return go.ok() ? 0 : 1;
  }
  Error failed(ErrorCode code) const {
    if (stopped_) return *stopped_;
    return Error(code, std::string("SQLite: ") + sqlite3_errmsg(database_.get()), path_);
  }
  Status take_row();
  Result<std::string> cell(int column) const;

  std::string path_;
  StopQuestion may_go_on_;
  std::optional<Error> stopped_;  // why SQLite was told to end its work
  std::unique_ptr<sqlite3, CloseDatabase> database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::vector<RawColumn> columns_;
  std::vector<bool> wanted_;
  std::vector<std::vector<std::optional<std::string>>> block_;  // by column
  bool done_ = false;
  std::int64_t passed_ = 0;
};

Status SqliteRows::open() {
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path_.c_str(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(opened);
  if (code != SQLITE_OK) return failed(ErrorCode::kUnreadableData);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(opened, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, static_cast<int>(limits::kCsvLineBytes));
  sqlite3_progress_handler(opened, kStepsBetweenLooks, look, this);
  // Read once before the query is bound to reading: a damaged schema is told as such.
  if (sqlite3_exec(opened, "SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr) !=
      SQLITE_OK) {
    return failed(ErrorCode::kUnreadableData);
  }
  sqlite3_set_authorizer(opened, allow_reading, nullptr);
  return {};
}

Status SqliteRows::ask(const std::string& query) {
  sqlite3_stmt* made = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), query.c_str(),
                                      static_cast<int>(query.size()) + 1, &made, &rest);
  statement_.reset(made);
  if (code != SQLITE_OK) return failed(ErrorCode::kMalformedData);
  const bool more = rest != nullptr &&
                    std::string_view(rest).find_first_not_of(" \t\r\n;") != std::string_view::npos;
  const int columns = made == nullptr ? 0 : sqlite3_column_count(made);
  if (more || columns == 0) {
    return Error(ErrorCode::kMalformedData, "query is not one SELECT, expected one that gives rows",
                 path_);
  }
  std::set<std::string> seen;
  for (int i = 0; i < columns; ++i) {
    const std::string name = sqlite3_column_name(made, i);
    if (!seen.insert(name).second) {
      return Error(ErrorCode::kMalformedData, "column '" + name + "' comes twice", path_,
                   "give each column a name of its own with AS");
    }
    columns_.push_back({name, RawKind::kText});
  }
  return {};
}

Result<std::string> SqliteRows::cell(int column) const {
  sqlite3_stmt* row = statement_.get();
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_FLOAT: return number_text(sqlite3_column_double(row, column));
    case SQLITE_BLOB:
      return Error(ErrorCode::kMalformedData,
                   "column '" + columns_[static_cast<std::size_t>(column)].name +
                       "' holds bytes (BLOB), expected numbers or texts",
                   path_ + ", row " + std::to_string(passed_ + 1),
                   "leave it out with --query \"SELECT ...\"");
    default: break;
  }
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  const int size = sqlite3_column_bytes(row, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

Status SqliteRows::take_row() {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i < wanted_.size() && !wanted_[i]) continue;
    const int column = static_cast<int>(i);
    if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) {
      block_[i].emplace_back();
      continue;
    }
    TENBIN_TRY(std::string text, cell(column));
    block_[i].emplace_back(std::move(text));
  }
  ++passed_;
  return {};
}

Result<std::int64_t> SqliteRows::next(std::vector<RawCells>& into) {
  into.assign(columns_.size(), {});
  block_.assign(columns_.size(), {});
  std::int64_t rows = 0;
  while (!done_ && rows < static_cast<std::int64_t>(kBlock)) {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_DONE) {
      done_ = true;
    } else if (code != SQLITE_ROW) {
      return failed(ErrorCode::kUnreadableData);
    } else {
      TENBIN_CHECK(take_row());
      ++rows;
    }
  }
  for (std::size_t i = 0; i < block_.size(); ++i) {
    for (const auto& text : block_[i]) {
      into[i].texts.push_back(text ? std::string_view(*text) : std::string_view());
    }
  }
  return rows;
}

Result<std::unique_ptr<SqliteRows>> opened(const std::string& path, const std::string& query,
                                           const StopQuestion& may_go_on) {
  auto rows = std::make_unique<SqliteRows>(path, may_go_on);
  TENBIN_CHECK(rows->open());
  TENBIN_CHECK(rows->ask(query));
  return rows;
}

}  // namespace

Result<std::unique_ptr<RawRows>> sqlite_rows(const std::string& path, const std::string& query,
                                             const StopQuestion& may_go_on) {
  TENBIN_TRY(auto rows, opened(path, query, may_go_on));
  return std::unique_ptr<RawRows>(std::move(rows));
}

Result<std::vector<std::string>> sqlite_tables(const std::string& path) {
  TENBIN_TRY(const auto rows,
             opened(path,
                    "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name "
                    "NOT LIKE 'sqlite%' ORDER BY 1",
                    {}));
  TENBIN_CHECK(rows->start({true}));
  std::vector<std::string> out;
  for (std::vector<RawCells> cells;;) {
    TENBIN_TRY(const std::int64_t count, rows->next(cells));
    if (count == 0) return out;
    for (const std::string_view name : cells.front().texts) out.emplace_back(name);
  }
}

}  // namespace tenbin
