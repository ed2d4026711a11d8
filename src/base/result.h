// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <optional>
#include <utility>

#include "base/error.h"

namespace tenbin {

// A value or the Error that prevented it. Implicit from both, so `return Error{...};` and
// `return value;` work. value() on a failure is a bug and asserts.
template <class T> class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }
  T& value() & {
    assert(ok());
    return *value_;
  }
  const T& value() const& {
    assert(ok());
    return *value_;
  }
  T&& value() && {
    assert(ok());
    return std::move(*value_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const {
    assert(!ok());
    return *error_;
  }
  T value_or(T fallback) && { return ok() ? std::move(*value_) : std::move(fallback); }

 private:
  std::optional<T> value_;
  std::optional<Error> error_;
};

// Success without a value, or an Error.
template <> class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    assert(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace tenbin

#define TENBIN_CONCAT_(a, b) a##b
#define TENBIN_CONCAT(a, b) TENBIN_CONCAT_(a, b)

// TENBIN_TRY(auto x, f()): declares or assigns x from a Result, or returns its error.
#define TENBIN_TRY(target, expression) \
  TENBIN_TRY_IMPL(TENBIN_CONCAT(tenbin_result_, __LINE__), target, expression)
#define TENBIN_TRY_IMPL(result, target, expression) \
  auto result = (expression);                       \
  if (!result.ok()) return result.error();          \
  target = std::move(result).value()

// TENBIN_CHECK(f()): returns the error of a Status (or any Result whose value is not needed).
#define TENBIN_CHECK(expression)                                                              \
  do {                                                                                        \
    if (auto tenbin_status = (expression); !tenbin_status.ok()) return tenbin_status.error(); \
  } while (false)
