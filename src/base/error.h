// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tenbin {

// Why something failed, in the classes that decide the exit code (see exit_code()).
enum class Cause {
  kUsage,
  kConfig,
  kData,
  kCapability,
  kBudget,
  kRegression,
  kRunFailed,
  kNonFinite,
  kIo,
  kLocked,
  kNetwork,
  kBug,
  kInterrupted,
};

// One name per documented error; the list is error_codes.inc.
enum class ErrorCode : int {
#define TENBIN_ERROR(number, name, cause, title, text) name = number,
#include "base/error_codes.inc"
#undef TENBIN_ERROR
};

struct ErrorEntry {
  ErrorCode code;
  Cause cause;
  std::string_view title;
  std::string_view text;  // what `tenbin explain` prints
};

// All documented errors, ascending by number.
std::span<const ErrorEntry> error_catalogue();
const ErrorEntry& error_entry(ErrorCode code);
// "E0213".
std::string error_label(ErrorCode code);
// Exit code of the process: 0 ok, 1 run failed, 2 usage, 3 input, 4 capability, 5 budget or limit,
// 6 regression, 7 network, 74 failed I/O, 75 locked, 130 interrupted.
int exit_code(Cause cause);
std::string_view cause_name(Cause cause);

// A failure in four parts. `message`: what was found and what was expected, lower case, no full
// stop. `where`: file, line, node or column. `hint`: how to mend it. The fourth part, the page of
// `tenbin explain`, follows from the code. Cheap to move; never empty.
class Error {
 public:
  Error(ErrorCode code, std::string message, std::string where = {}, std::string hint = {});

  ErrorCode code() const { return data_->code; }
  Cause cause() const;
  const std::string& message() const { return data_->message; }
  const std::string& where() const { return data_->where; }
  const std::string& hint() const { return data_->hint; }
  // Adds the place when none was known deeper down.
  Error at(std::string where) &&;
  Error with_hint(std::string hint) &&;
  // "E0213: message (at where)": for logs and test output.
  std::string to_string() const;

 private:
  struct Data {
    ErrorCode code;
    std::string message, where, hint;
  };
  std::shared_ptr<Data> data_;
};

}  // namespace tenbin
