// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tenbin {

// What a source knows of a column before anything is inferred.
enum class RawKind { kText, kNumber, kInteger, kBoolean, kTime };

struct RawColumn {
  std::string name;
  RawKind kind = RawKind::kText;
};

// A run of cells of one column. Only the member of its kind is filled.
struct RawCells {
  std::vector<double> numbers;          // kNumber, kInteger, kBoolean: NaN is missing
  std::vector<std::int64_t> times;      // seconds since 1970; INT64_MIN is missing
  std::vector<std::string_view> texts;  // data() == nullptr is missing; dies with the next call
};

// Rows as a source gives them, block after block: the seam between what reads bytes (DuckDB,
// SQLite, our own parsers) and what infers types. Not thread-safe.
class RawRows {
 public:
  virtual ~RawRows() = default;
  virtual const std::vector<RawColumn>& columns() const = 0;
  // Starts again at the first row. Only columns with `wanted` are filled then (others stay empty).
  virtual Status start(const std::vector<bool>& wanted) = 0;
  // Replaces `into` (one element a column) by the next rows; their count, 0 at the end.
  virtual Result<std::int64_t> next(std::vector<RawCells>& into) = 0;
  // Where data row `row` (from 0) stands: "new.csv:12" if lines are known, else "new.csv, row 11".
  virtual std::string place(std::int64_t row) const = 0;
};

}  // namespace tenbin
