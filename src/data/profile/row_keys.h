// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/stop_question.h"
#include "data/table.h"

namespace tenbin {

// A 128-bit digest of a row's cells. Rows of equal cells have equal keys; others meet by chance
// once in 2^64 pairs or so, which is taken as never (the data are not chosen against us: the worst
// that a forged collision does is to drop a training row).
struct RowKey {
  std::uint64_t high = 0, low = 0;
  auto operator<=>(const RowKey&) const = default;
};

// A set of keys in one flat table (open addressing): millions of rows in the time of a pass.
class KeySet {
 public:
  explicit KeySet(std::size_t expected = 0);
  bool insert(const RowKey& key);  // true: it was not there
  bool contains(const RowKey& key) const;

 private:
  std::size_t place_of(const RowKey& key) const;  // where it is, or the free place for it
  void grow();
  std::vector<RowKey> slots_;  // size a power of two; {0, 0} is free
  std::size_t used_ = 0;
  bool has_zero_ = false;  // the key {0, 0} itself
};

// Keys of all rows over all columns but `except`. Errors: those of `may_go_on`, which is asked for
// each column.
Result<std::vector<RowKey>> row_keys(const Table& table, const std::string& except,
                                     const StopQuestion& may_go_on);
// A key of one cell.
RowKey cell_key(const Column& column, std::int64_t row);

}  // namespace tenbin
