// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tenbin {

// One prepared statement. Binds in order of calls, reads columns in order of calls.
class Statement {
 public:
  Statement(sqlite3* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
  ~Statement();
  Statement(const Statement&) = delete;

  Statement& bind(std::string_view text);
  Statement& bind(std::int64_t number);
  Statement& bind(double number);
  Statement& bind_null();
  template <class T> Statement& bind(const std::optional<T>& value) {
    return value ? bind(*value) : bind_null();
  }
  // True: a row is there. Error as Database::error.
  Result<bool> step();
  bool is_null() const;  // the next column
  std::string text();
  std::int64_t integer();
  double number();
  void skip() { ++column_; }

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_;
  int parameter_ = 0;
  int column_ = 0;
};

// The door to SQLite. Thread-compatible.
class Database {
 public:
  static Result<std::unique_ptr<Database>> open(const std::string& path, bool write,
                                                Duration patience);
  ~Database();
  Status run(const char* sql);  // one or several statements without results
  Result<std::unique_ptr<Statement>> prepare(const char* sql);
  Result<std::int64_t> number(const char* sql);  // first column of the first row
  bool in_transaction() const;

 private:
  explicit Database(sqlite3* db) : db_(db) {}
  sqlite3* db_;
};

}  // namespace tenbin
