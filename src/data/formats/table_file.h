// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/format.h"
#include "data/raw_cells.h"

namespace tenbin {

// Lines that a parser of text reads before it asks whether it may go on.
inline constexpr std::int64_t kLinesAtOnce = 4'096;

// What is known of rows before they are read.
struct RowsAhead {
  int passes = 1;               // 2: the first one finds types
  std::int64_t about_rows = 0;  // 0: not known
};
// The same rows; before each block `options` are told how far they are, and asked.
std::unique_ptr<RawRows> with_pauses(std::unique_ptr<RawRows> rows, const ReadOptions& options,
                                     const RowsAhead& ahead);

// What the formats share whose rows come as cells: types inferred, all rows in memory, the digest
// of the file. `about_rows`: as in RowsAhead. Error kEmptyData.
Result<Dataset> read_all(FileSystem& files, const FormatProbe& probe, std::unique_ptr<RawRows> rows,
                         const ReadOptions& options, const std::string& format,
                         std::int64_t about_rows = 0);

// A text file whole, decompressed if it is gzip or Zstandard; `facts` gets its size and digest as
// stored. Errors: kUnreadableData, kMalformedData (a cut archive), kTooLarge, and that of
// `may_go_on`.
Result<std::string> read_text_file(FileSystem& files, const FormatProbe& probe,
                                   const StopQuestion& may_go_on, Dataset& facts);

// A query of the user's as it may stand inside another: no semicolon at its end.
std::string inner_query(std::string query);

// The query that a database file is asked: the user's, or all of the table that is named or alone.
// Errors: kMissingArgument (several tables, none named), kEmptyData (none),
// kBadValue (no such table: the nearest names).
Result<std::string> database_query(const std::string& path, const std::vector<std::string>& tables,
                                   const ReadOptions& options);

}  // namespace tenbin
