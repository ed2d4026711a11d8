// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <duckdb.h>

#include <optional>
#include <string>

#include "data/raw_cells.h"

namespace tenbin {

// How a column of DuckDB's many types reaches us as one of four: BOOLEAN, DOUBLE, BIGINT (seconds
// since 1970) or VARCHAR. DuckDB converts, so that no layout of its other vectors is read here.
struct DuckCast {
  RawKind kind = RawKind::kText;
  duckdb_type as = DUCKDB_TYPE_VARCHAR;
  std::string select;  // SQL over `column`
};

// The cast for a column that the SQL text `column` names; nothing for a type that is no single
// value (lists, structs, maps, unions) or only bytes.
std::optional<DuckCast> duckdb_cast(duckdb_type type, const std::string& column);

// "LIST", for messages.
const char* duckdb_type_name(duckdb_type type);

}  // namespace tenbin
