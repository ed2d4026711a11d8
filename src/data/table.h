// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "tensor/tensor.h"

namespace tenbin {

// What a column holds. kNumber covers integers too; kCategory few repeated strings; kText free
// text; kTime instants; kImage one image a row.
enum class ColumnType { kNumber, kBoolean, kCategory, kText, kTime, kImage };
const char* column_type_name(ColumnType type);

// One column of a table in memory. Only the members of its type are filled.
struct Column {
  std::string name;
  ColumnType type = ColumnType::kNumber;
  bool integral = false;                // kNumber: every present value is a whole number
  std::string why;                      // how the type was inferred, for people
  std::vector<double> numbers;          // kNumber, kBoolean (0, 1): NaN is missing
  std::vector<std::int64_t> times;      // kTime: seconds since 1970; INT64_MIN is missing
  std::vector<std::int32_t> codes;      // kCategory: index into `dictionary`; -1 is missing
  std::vector<std::string> dictionary;  // kCategory: in order of first appearance
  std::vector<std::string> texts;       // kText: "" is missing
  Tensor images;                        // kImage: uint8 [rows, height, width, channels]

  std::int64_t rows() const;
  bool missing(std::int64_t row) const;
  std::string text_at(std::int64_t row) const;  // for people and CSV; "" if missing
};

struct Table {
  std::vector<Column> columns;
  std::int64_t rows = 0;
  const Column* find(const std::string& name) const;
  // The rows at `indices`, in that order.
  Table take(const std::vector<std::int64_t>& indices) const;
};

// A table read in pieces, for data larger than memory. Types are those of the whole table.
class TableSource {
 public:
  virtual ~TableSource() = default;
  virtual const Table& schema() const = 0;  // no rows; names, types, dictionaries as known
  virtual Result<Table> next(std::int64_t most_rows) = 0;  // 0 rows at the end
  virtual Status rewind() = 0;
};

// What a path or query turned out to be.
struct Dataset {
  std::string name;    // of the file or folder
  std::string format;  // "csv", "idx", ...
  Table table;
  std::vector<std::uint8_t> given_test;  // per row: 1 if its file names it test data; or empty
  std::vector<std::string> notes;        // what was found and done while reading, for people
  std::string digest;                    // SHA-256 of the bytes read
  std::int64_t bytes = 0;                // read from files [B]
};

}  // namespace tenbin
