// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/options.h"
#include "base/result.h"
#include "base/stop_question.h"
#include "base/units.h"
#include "data/table.h"

namespace tenbin {

class FileSystem;

// How far reading has come within one pass over the data; there may be several.
struct ReadProgress {
  const char* pass;        // "checking the text", "finding types", "reading rows", ...
  const char* unit;        // "bytes", "rows", "files"
  std::int64_t done = 0;   // of this pass
  std::int64_t total = 0;  // 0: not known
  bool about = false;      // the total is a good guess
};

// How data is read. The defaults suit a file or folder whose content says what it is.
struct ReadOptions {
  std::string format;
  std::string query;
  std::string table;
  std::string label_name = "label";
  std::vector<std::string> missing = {"?", "NA", "N/A", "NULL", "null", "NaN", "nan"};
  int threads = 0;
  Bytes memory_limit{std::int64_t{2} << 30};
  Ratio skip_bad_images{0};
  std::vector<std::string> classes;
  int image_height = 0;
  int image_width = 0;
  int image_channels = 0;
  std::vector<std::string> expected;  // columns that the rows must have; set by read_rows_like
  StopQuestion may_go_on;             // asked for each block of rows, or file of a folder
  // Told as often, on the thread that reads: whoever shows it leaves most of it out. May be empty.
  std::function<void(const ReadProgress&)> progress;

  // Between two pieces of work: tells how far it is, and asks whether to go on.
  Status between(const ReadProgress& now) const {
    if (progress) progress(now);
    return may_go_on();
  }

  template <class Fields> static void describe(Fields& f) {
    f("format", &ReadOptions::format,
      "Format of the data, if its content and name should not decide (csv, parquet, idx, ...).");
    f("query", &ReadOptions::query,
      "SQL that gives the rows: on a DuckDB or SQLite file, or on any table file as 'data'.");
    f("table", &ReadOptions::table,
      "Table or view of a DuckDB or SQLite file [the only one, if there is one].");
    f("label_name", &ReadOptions::label_name,
      "Name of the column for labels that have none: IDX labels, folders by class, LIBSVM.");
    f("missing", &ReadOptions::missing, "Texts that mean a missing value, beside the empty one.");
    f("threads", &ReadOptions::threads, "Threads that read [0: as many as the process may use].");
    f("memory_limit", &ReadOptions::memory_limit,
      "Memory that the table reader may take, and the features of its rows; more are read from a "
      "file [B].");
    f("skip_bad_images", &ReadOptions::skip_bad_images,
      "Share of images that may fail to decode and are then left out [0..1%].");
    f("classes", &ReadOptions::classes,
      "Classes made of several folders, first match counts: spam=spam-*,ham=*ham-*.");
    f("image_height", &ReadOptions::image_height,
      "Height to which images of a folder are brought [0: their own, or the median up to 128].");
    f("image_width", &ReadOptions::image_width, "The same for their width.");
    f("image_channels", &ReadOptions::image_channels,
      "1 for grey, 3 for colour [0: grey if all images are].");
  }
};

// Reads a file or folder whole. The format is told by content first and extension second
// (catalogue data/formats/); types are inferred, and why is told in Column::why and notes.
// Errors: kUnreadableData (missing, truncated, not what it claims), kUnknownFormat (lists those
// known), kMalformedData (file, line, found, expected), kEmptyData, kTooLarge, kMissingPlugin,
// and that of `may_go_on`.
Result<Dataset> read_dataset(FileSystem& files, const std::string& path,
                             const ReadOptions& options = {});

// The format that content alone tells, for --format: of data that came without a name. Text that is
// no other format's is CSV. Errors: kUnreadableData, kEmptyData, kMalformedData (compressed,
// damaged), kUnknownFormat (a database: read by its path alone).
Result<std::string> format_by_content(FileSystem& files, const std::string& path);

// The same in pieces of constant memory, for tables larger than memory. Tables (CSV, JSON,
// Parquet, SQL) are read twice from the file, once for their types; other formats are held whole.
Result<std::unique_ptr<TableSource>> open_source(FileSystem& files, const std::string& path,
                                                 const ReadOptions& options = {});

// One column that new rows must have. For kCategory, `dictionary` is that of training (unseen
// values are kept: appended to the dictionary of the answer and counted in the notes). kImage:
// `height`, `width`, `channels` say the size to which images are brought.
struct ExpectedColumn {
  std::string name;
  ColumnType type = ColumnType::kNumber;
  std::vector<std::string> dictionary;
  std::int64_t height = 0, width = 0, channels = 0;
};

// The names, types, dictionaries and image sizes of a table in memory.
std::vector<ExpectedColumn> expected_columns(const Table& table);

// Reads new rows for prediction. The answer has the expected columns first, in their order and
// type, found by name; columns that were not expected follow (a note names them). Missing ones:
// kInputMismatch that lists them all with the nearest names present. A value that cannot be of its
// column's type: kInputMismatch with file and line. No rows: kEmptyData.
Result<Dataset> read_rows_like(FileSystem& files, const std::string& path,
                               const std::vector<ExpectedColumn>& expected,
                               const ReadOptions& options = {});

}  // namespace tenbin
