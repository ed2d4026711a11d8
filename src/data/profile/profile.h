// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/stop_question.h"
#include "data/table.h"

namespace tenbin {

struct Split;
struct Target;

enum class Severity { kInfo, kWarning, kSerious };
const char* severity_name(Severity severity);

// Something worth knowing about the data, in words.
struct Finding {
  Severity severity = Severity::kInfo;
  std::string kind;    // stable word: "missing", "leak", "duplicates", ...
  std::string column;  // empty: the whole table
  std::string what;    // what was found
  std::string why;     // why it matters
  std::string action;  // what is done, or what to do
  // How several columns of the kind are told in one line: "3 columns " + shared + names, each with
  // its amount (may be empty).
  std::string shared = {}, amount = {};
};

// Numbers, times (as seconds since 1970) and booleans.
struct NumberSummary {
  double min = 0, mean = 0, median = 0, max = 0, deviation = 0;  // of finite values
  std::vector<double> quantiles;                                 // at 1, 5, 25, 50, 75, 95, 99 %
  std::int64_t outliers = 0;  // beyond 3 interquartile ranges from the quartiles
  std::int64_t infinite = 0;
};

// Text: lengths in bytes and in words split at white space.
struct TextSummary {
  std::int64_t min_bytes = 0, max_bytes = 0;
  double mean_bytes = 0, mean_words = 0;
};

struct ColumnProfile {
  std::string name;
  ColumnType type = ColumnType::kNumber;
  bool integral = false;
  std::int64_t rows = 0, missing = 0;
  std::int64_t distinct = 0;  // of present values; images: not counted (0)
  std::optional<NumberSummary> number;
  std::optional<TextSummary> text;
  std::vector<std::pair<std::string, std::int64_t>> top;  // most frequent values, at most 5
  bool constant = false;  // at most one value, none missing, or all missing
  bool looks_like_id = false;
  bool high_cardinality = false;  // category with more than 50 values
  // Share of the rows whose target follows from this column alone, if it repeats enough to tell;
  // 1 is a leak.
  std::optional<double> determines_target;
  bool leaks = false;  // equals the target or determines it in every row

  double missing_share() const {
    return rows == 0 ? 0 : static_cast<double>(missing) / static_cast<double>(rows);
  }
};

struct DataProfile {
  std::int64_t rows = 0;
  std::vector<ColumnProfile> columns;  // all but the target, in the table's order
  ColumnProfile target;
  std::int64_t duplicate_rows = 0;          // rows that equal an earlier row in every column
  double possible_combinations = 0;         // product of the distinct values of all columns
  double imbalance = 1;                     // rows of the largest class / rows of the smallest
  std::optional<std::int64_t> shared_rows;  // validation or test rows that equal a training row in
                                            // all features; after the split is known
  std::vector<Finding> findings;            // most serious first

  const ColumnProfile* find(const std::string& column) const;
  // What `fit` prints: a line a kind of finding, in words, however many columns it concerns.
  std::vector<std::string> lines() const;
  Json to_json() const;
};

// Looks at every row once a column. Single thread, pure. With `split` also counts rows shared
// between the parts. Errors: those of `may_go_on` alone, which is asked for each column.
Result<DataProfile> profile(const Table& table, const Target& target, const Split* split = nullptr,
                            const StopQuestion& may_go_on = {});

// Distribution of each column and of the target over `rows` (the training rows), for monitoring
// drift later; the metadata entry `tenbin.reference_stats`:
// {"version": 1, "rows": n, "columns": [{"name", "type", "missing_share", and for numbers and times
// "mean", "deviation", "edges" (k+1 ascending), "shares" (k); for booleans and categories "values",
// "shares", "other_share"; for text "edges", "shares" of lengths in bytes}], "target": {same}}.
// Of more than 100,000 rows, every so many-th is looked at, so that its time is bounded; "rows" is
// how many were.
Json reference_stats(const Table& table, const Target& target,
                     const std::vector<std::string>& columns,
                     const std::vector<std::int64_t>& rows);

}  // namespace tenbin
