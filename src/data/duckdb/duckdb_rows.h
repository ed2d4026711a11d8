// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/raw_cells.h"
#include "data/read.h"

namespace tenbin {

// What DuckDB is asked to read.
struct DuckRequest {
  std::string path;       // file; bound as a parameter or opened, never part of the SQL
  bool database = false;  // `path` is a DuckDB database: opened read-only
  std::string select;     // "SELECT * FROM read_csv($1, ...)"
  int skipped_lines = 0;  // before the first data row, for telling places; 0: rows have no lines
};

// Rows of a query, run by the DuckDB plug-in. It is locked down before the query is seen: no other
// file, no network, no extension, no change of settings. Every column comes as a number, a boolean,
// an instant or a text, whatever DuckDB's type; rows stream, in constant memory. Errors
// kMissingPlugin, kMalformedData (DuckDB's own words, shortened; nested columns and bytes, which
// are named), kUnreadableData, and that of `options.may_go_on`, asked while DuckDB works too.
Result<std::unique_ptr<RawRows>> duckdb_rows(const DuckRequest& request,
                                             const ReadOptions& options);

// Tables and views of a DuckDB database, sorted.
Result<std::vector<std::string>> duckdb_tables(const std::string& path);

// "1.5.6", or why the plug-in cannot be used.
Result<std::string> duckdb_version();

}  // namespace tenbin
