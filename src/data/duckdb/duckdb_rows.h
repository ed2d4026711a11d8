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
  std::string path;       // file; bound as a parameter, never part of the SQL
  std::string select;     // "SELECT * FROM read_csv($1, ...)"
  int skipped_lines = 0;  // before the first data row, for telling places
};

// Rows of a query, run by the DuckDB plug-in in a locked-down database in memory: nothing but the
// named file can be read. Errors kMissingPlugin, kMalformedData (DuckDB's own words, shortened),
// kUnreadableData.
Result<std::unique_ptr<RawRows>> duckdb_rows(const DuckRequest& request,
                                             const ReadOptions& options);

// "1.5.6", or why the plug-in cannot be used.
Result<std::string> duckdb_version();

}  // namespace tenbin
