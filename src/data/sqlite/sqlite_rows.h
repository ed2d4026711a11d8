// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/stop_question.h"
#include "data/raw_cells.h"

namespace tenbin {

// Rows of one SELECT on a SQLite file, opened read-only; the query may read its tables and nothing
// else (no ATTACH, no PRAGMA, no writing). Cells come as texts, because SQLite types cells and not
// columns. Errors kUnreadableData (no database, damaged, locked), kMalformedData (the query, with
// SQLite's own words; a cell of bytes), and that of `may_go_on`, asked while SQLite works too.
Result<std::unique_ptr<RawRows>> sqlite_rows(const std::string& path, const std::string& query,
                                             const StopQuestion& may_go_on);

// Tables and views, sorted.
Result<std::vector<std::string>> sqlite_tables(const std::string& path);

}  // namespace tenbin
