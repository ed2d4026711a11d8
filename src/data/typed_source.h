// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/raw_cells.h"
#include "data/table.h"
#include "data/type_scan.h"

namespace tenbin {

// A TableSource with a say about itself.
class DescribedSource : public TableSource {
 public:
  // What was found while opening and reading, for people.
  virtual const std::vector<std::string>& notes() const = 0;
};

// Rows whose types are those that the whole source shows: its text columns are gone through once
// to infer them. `missing` are the texts that mean a missing value.
Result<std::unique_ptr<DescribedSource>> infer_types(std::unique_ptr<RawRows> rows,
                                                     const std::vector<std::string>& missing);

// Rows whose types are given: one plan a column of `rows`, in their order (`raw` is filled here).
// next() fails with kInputMismatch, naming the place, when a cell cannot be of its type.
Result<std::unique_ptr<DescribedSource>> apply_types(std::unique_ptr<RawRows> rows,
                                                     std::vector<ColumnPlan> plans);

// All rows of a source as one table.
Result<Table> drain(TableSource& source);

// A table in memory as a source.
std::unique_ptr<DescribedSource> table_as_source(Table table, std::vector<std::string> notes);

}  // namespace tenbin
