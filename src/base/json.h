// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace tenbin {

// A JSON value. Objects keep the order of insertion, so what we write is byte-stable.
// Integers and floating-point numbers are told apart; NaN and infinity are written as null.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;
  Json(std::nullptr_t) {}                                          // NOLINT
  Json(bool b) : value_(b) {}                                      // NOLINT
  Json(int i) : value_(static_cast<std::int64_t>(i)) {}            // NOLINT
  Json(std::int64_t i) : value_(i) {}                              // NOLINT
  Json(std::uint64_t u) : value_(static_cast<std::int64_t>(u)) {}  // NOLINT
  Json(double d) : value_(d) {}                                    // NOLINT
  Json(const char* text) : value_(std::string(text)) {}            // NOLINT
  Json(std::string text) : value_(std::move(text)) {}              // NOLINT
  Json(std::string_view text) : value_(std::string(text)) {}       // NOLINT
  Json(Array array) : value_(std::move(array)) {}                  // NOLINT
  Json(Object object) : value_(std::move(object)) {}               // NOLINT

  static Json array() { return Json(Array{}); }
  static Json object() { return Json(Object{}); }
  static Json object(std::initializer_list<Member> members) { return Json(Object(members)); }
  template <class Range> static Json array_of(const Range& range) {
    Array out;
    for (const auto& item : range) out.emplace_back(item);
    return Json(std::move(out));
  }

  // UTF-8 text to value. Limits: depth 64, duplicate keys refused (robustness limits).
  // Error kMalformedData names line and column.
  static Result<Json> parse(std::string_view text);
  // indent < 0: one line.
  std::string dump(int indent = -1) const;

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_integer() const { return std::holds_alternative<std::int64_t>(value_); }
  bool is_number() const { return is_integer() || std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // Values of another type give the fallback: reading never throws.
  bool as_bool(bool fallback = false) const;
  std::int64_t as_integer(std::int64_t fallback = 0) const;
  double as_number(double fallback = 0) const;
  const std::string& as_string() const;  // empty if not a string
  const Array& items() const;            // empty if not an array
  const Object& members() const;         // empty if not an object

  // Member by key, or null.
  const Json& operator[](std::string_view key) const;
  bool contains(std::string_view key) const;
  // Adds or replaces a member; turns null into an object.
  Json& set(std::string key, Json value);
  // Appends; turns null into an array.
  Json& push(Json value);

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

}  // namespace tenbin
