// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/table.h"

namespace tenbin {

// A 128-bit digest of a row's cells. Rows of equal cells have equal keys; others meet by chance
// once in 2^64 pairs or so, which is taken as never (the data are not chosen against us: the worst
// that a forged collision does is to drop a training row).
struct RowKey {
  std::uint64_t high = 0, low = 0;
  auto operator<=>(const RowKey&) const = default;
};

// Keys of all rows over all columns but `except`.
std::vector<RowKey> row_keys(const Table& table, const std::string& except = {});
// A key of one cell.
RowKey cell_key(const Column& column, std::int64_t row);

}  // namespace tenbin
