// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <string>

namespace tenbin {

// Runs SQL on a SQLite file that is made if absent; for tests. False if SQLite refuses.
inline bool run_sqlite(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  bool ok = sqlite3_open(path.c_str(), &database) == SQLITE_OK;
  ok = ok && sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  sqlite3_close(database);
  return ok;
}

}  // namespace tenbin
