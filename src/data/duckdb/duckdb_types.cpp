// SPDX-License-Identifier: Apache-2.0
#ifdef TENBIN_HAVE_DUCKDB
#include "data/duckdb/duckdb_types.h"

namespace tenbin {

std::optional<DuckCast> duckdb_cast(duckdb_type type, const std::string& column) {
  const auto number = [&](RawKind kind) {
    return DuckCast{kind, DUCKDB_TYPE_DOUBLE, "CAST(" + column + " AS DOUBLE)"};
  };
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return DuckCast{RawKind::kBoolean, DUCKDB_TYPE_BOOLEAN, column};
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_INTEGER_LITERAL:
    case DUCKDB_TYPE_BIGNUM: return number(RawKind::kInteger);
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL: return number(RawKind::kNumber);
    case DUCKDB_TYPE_TIME:
    case DUCKDB_TYPE_INTERVAL:  // a length, in seconds
      return DuckCast{RawKind::kNumber, DUCKDB_TYPE_DOUBLE, "epoch(" + column + ")"};
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
    case DUCKDB_TYPE_TIMESTAMP_TZ:  // 'infinity' is an instant for DuckDB, not for us
      return DuckCast{RawKind::kTime, DUCKDB_TYPE_BIGINT,
                      "CASE WHEN isfinite(" + column + ") THEN CAST(floor(epoch(" + column +
                          ")) AS BIGINT) END"};
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_STRING_LITERAL:
    case DUCKDB_TYPE_ENUM:
    case DUCKDB_TYPE_UUID:
    case DUCKDB_TYPE_BIT:
    case DUCKDB_TYPE_TIME_TZ:
    case DUCKDB_TYPE_TIME_NS:
    case DUCKDB_TYPE_SQLNULL:
      return DuckCast{RawKind::kText, DUCKDB_TYPE_VARCHAR, "CAST(" + column + " AS VARCHAR)"};
    default: return std::nullopt;
  }
}

const char* duckdb_type_name(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BLOB: return "BLOB";
    case DUCKDB_TYPE_LIST: return "LIST";
    case DUCKDB_TYPE_ARRAY: return "ARRAY";
    case DUCKDB_TYPE_STRUCT: return "STRUCT";
    case DUCKDB_TYPE_MAP: return "MAP";
    case DUCKDB_TYPE_UNION: return "UNION";
    default: return "other";
  }
}

}  // namespace tenbin
#endif
