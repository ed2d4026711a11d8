// SPDX-License-Identifier: Apache-2.0
// A DuckDB database: one of its tables or views, or a query on them. Opened read-only.
#include "data/duckdb/duckdb_rows.h"
#include "data/format.h"
#include "data/formats/table_file.h"

namespace tenbin {
namespace {

Result<std::unique_ptr<RawRows>> rows(FileSystem&, const FormatProbe& probe,
                                      const ReadOptions& options) {
  TENBIN_TRY(const auto tables, duckdb_tables(probe.path));
  DuckRequest request;
  request.path = probe.path;
  request.database = true;
  TENBIN_TRY(const std::string query, database_query(probe.path, tables, options));
  request.select = "SELECT * FROM (" + query + "\n)";
  return duckdb_rows(request, options);
}

Result<Dataset> read(FileSystem& files, const FormatProbe& probe, const ReadOptions& options) {
  TENBIN_TRY(auto raw, rows(files, probe, options));
  return read_all(files, probe, std::move(raw), options, "duckdb");
}

bool matches(const FormatProbe& probe) {
  return probe.head.size() > 12 && std::string_view(probe.head).substr(8, 4) == "DUCK";
}

}  // namespace

const FormatEntry& format_duckdb() {
  static const FormatEntry entry{
      "duckdb", {".duckdb", ".ddb"}, "Table or query of a DuckDB file.", matches, read, rows, true};
  return entry;
}

}  // namespace tenbin
