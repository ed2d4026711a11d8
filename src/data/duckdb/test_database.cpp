// SPDX-License-Identifier: Apache-2.0
#include "data/duckdb/test_database.h"

#ifdef TENBIN_HAVE_DUCKDB
#include "data/duckdb/duckdb_api.h"
#endif

namespace tenbin {

#ifdef TENBIN_HAVE_DUCKDB
Status run_duckdb(const std::string& path, const std::string& sql) {
  TENBIN_TRY(const DuckApi* api, load_duckdb());
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  char* why = nullptr;
  const char* file = path.empty() ? nullptr : path.c_str();
  if (api->open_ext(file, &database, nullptr, &why) != DuckDBSuccess) {
    return Error(ErrorCode::kIo, duckdb_message(why), path);
  }
  api->connect(database, &connection);
  duckdb_result result{};
  Status out;
  if (api->query(connection, sql.c_str(), &result) != DuckDBSuccess) {
    out = Error(ErrorCode::kIo, duckdb_message(api->result_error(&result)), path);
  }
  api->destroy_result(&result);
  api->disconnect(&connection);
  api->close(&database);
  return out;
}
#else
Status run_duckdb(const std::string&, const std::string&) {
  return Error(ErrorCode::kMissingPlugin, "this build lacks DuckDB");
}
#endif

}  // namespace tenbin
