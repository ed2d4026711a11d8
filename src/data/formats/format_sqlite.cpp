// SPDX-License-Identifier: Apache-2.0
// A SQLite database: one of its tables or views, or a query on them. Opened read-only.
#include "data/format.h"
#include "data/formats/table_file.h"
#include "data/sqlite/sqlite_rows.h"

namespace tenbin {
namespace {

Result<std::unique_ptr<RawRows>> rows(FileSystem&, const FormatProbe& probe,
                                      const ReadOptions& options) {
  TENBIN_TRY(const auto tables, sqlite_tables(probe.path));
  TENBIN_TRY(const std::string query, database_query(probe.path, tables, options));
  return sqlite_rows(probe.path, query, options.may_go_on);
}

Result<Dataset> read(FileSystem& files, const FormatProbe& probe, const ReadOptions& options) {
  TENBIN_TRY(auto raw, rows(files, probe, options));
  return read_all(files, probe, std::move(raw), options, "sqlite");
}

bool matches(const FormatProbe& probe) {
  return probe.head.starts_with(std::string_view("SQLite format 3\0", 16));
}

}  // namespace

const FormatEntry& format_sqlite() {
  static const FormatEntry entry{"sqlite",
                                 {".sqlite", ".sqlite3", ".db"},
                                 "Table or query of a SQLite file.",
                                 matches,
                                 read,
                                 rows,
                                 true};
  return entry;
}

}  // namespace tenbin
