// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/limits.h"

namespace tenbin {
namespace {

const Json kNull;
const std::string kEmptyString;
const Json::Array kEmptyArray;
const Json::Object kEmptyObject;

// Builds our value from nlohmann's event parser, with depth and duplicate checks.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return put(Json()); }
  bool boolean(bool b) override { return put(Json(b)); }
  bool number_integer(number_integer_t i) override {
    return put(Json(static_cast<std::int64_t>(i)));
  }
  bool number_unsigned(number_unsigned_t u) override {
    if (u > static_cast<number_unsigned_t>(INT64_MAX)) return put(Json(static_cast<double>(u)));
    return put(Json(static_cast<std::int64_t>(u)));
  }
  bool number_float(number_float_t d, const string_t& text) override {
    if (!std::isfinite(d)) return refuse("number " + text + " is out of range");
    return put(Json(d));
  }
  bool string(string_t& text) override { return put(Json(std::move(text))); }
  bool binary(binary_t&) override { return refuse("binary value"); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool key(string_t& name) override {
    if (stack_.back().value.contains(name)) return refuse("duplicate key '" + name + "'");
    stack_.back().key = std::move(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& failure) override {
    position_ = position;
    reason_ = failure.what();
    if (const auto at = reason_.find("] "); at != std::string::npos) reason_.erase(0, at + 2);
    return false;
  }

  Json take() { return std::move(root_); }
  const std::string& reason() const { return reason_; }
  std::size_t position() const { return position_; }

 private:
  struct Open {
    Json value;
    std::string key;
  };

  bool refuse(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }
  bool put(Json value) {
    if (stack_.empty()) {
      root_ = std::move(value);
    } else if (stack_.back().value.is_array()) {
      stack_.back().value.push(std::move(value));
    } else {
      stack_.back().value.set(std::move(stack_.back().key), std::move(value));
    }
    return true;
  }
  bool open(Json value) {
    if (stack_.size() >= limits::kJsonDepth) {
      return refuse("nested deeper than " + std::to_string(limits::kJsonDepth));
    }
    stack_.push_back({std::move(value), {}});
    return true;
  }
  bool close() {
    Json value = std::move(stack_.back().value);
    stack_.pop_back();
    return put(std::move(value));
  }

  Json root_;
  std::vector<Open> stack_;
  std::string reason_;
  std::size_t position_ = 0;
};

void append_string(std::string& out, const std::string& text) {
  out += '"';
  for (const char raw : text) {
    const auto c = static_cast<unsigned char>(raw);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (c < 0x20 || c == 0x7f) {
          char escape[8];
          std::snprintf(escape, sizeof escape, "\\u%04x", c);
          out += escape;
        } else {
          out += raw;
        }
    }
  }
  out += '"';
}

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  const std::string_view shortest(text, static_cast<std::size_t>(end - text));
  out += shortest;
  if (shortest.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void line_break(std::string& out, int indent, int depth) {
  if (indent < 0) return;
  out += '\n';
  out.append(static_cast<std::size_t>(indent * depth), ' ');
}

// Depth is bounded by what parse() admits and by what we build ourselves.
void append(std::string& out, const Json& value, int indent, int depth) {
  if (value.is_null()) {
    out += "null";
  } else if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_integer()) {
    out += std::to_string(value.as_integer());
  } else if (value.is_number()) {
    append_number(out, value.as_number());
  } else if (value.is_string()) {
    append_string(out, value.as_string());
  } else {
    const bool is_array = value.is_array();
    const std::size_t count = is_array ? value.items().size() : value.members().size();
    out += is_array ? '[' : '{';
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) out += indent < 0 ? "," : ",";
      line_break(out, indent, depth + 1);
      if (is_array) {
        append(out, value.items()[i], indent, depth + 1);
      } else {
        const auto& [key, member] = value.members()[i];
        append_string(out, key);
        out += indent < 0 ? ":" : ": ";
        append(out, member, indent, depth + 1);
      }
    }
    if (count > 0) line_break(out, indent, depth);
    out += is_array ? ']' : '}';
  }
}

}  // namespace

Result<Json> Json::parse(std::string_view text) {
  if (text.size() > limits::kJsonBytes) {
    return Error(ErrorCode::kTooLarge, "JSON of " + std::to_string(text.size()) +
                                           " bytes, expected at most " +
                                           std::to_string(limits::kJsonBytes));
  }
  // The library takes a NUL for the end and would not look at what follows; JSON has none anywhere.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return Error(ErrorCode::kMalformedData, "not valid JSON: a NUL at byte " + std::to_string(nul));
  }
  Builder builder;
  if (nlohmann::json::sax_parse(text, &builder)) return builder.take();
  std::size_t line = 1;
  for (std::size_t i = 0; i < builder.position() && i < text.size(); ++i) {
    line += text[i] == '\n' ? 1 : 0;
  }
  return Error(ErrorCode::kMalformedData, "not valid JSON: " + builder.reason(),
               builder.position() > 0 ? "line " + std::to_string(line) : std::string());
}

std::string Json::dump(int indent) const {
  std::string out;
  append(out, *this, indent, 0);
  return out;
}

bool Json::as_bool(bool fallback) const { return is_bool() ? std::get<bool>(value_) : fallback; }

std::int64_t Json::as_integer(std::int64_t fallback) const {
  return is_integer() ? std::get<std::int64_t>(value_) : fallback;
}

double Json::as_number(double fallback) const {
  if (is_integer()) return static_cast<double>(std::get<std::int64_t>(value_));
  return is_number() ? std::get<double>(value_) : fallback;
}

const std::string& Json::as_string() const {
  return is_string() ? std::get<std::string>(value_) : kEmptyString;
}

const Json::Array& Json::items() const {
  return is_array() ? std::get<Array>(value_) : kEmptyArray;
}

const Json::Object& Json::members() const {
  return is_object() ? std::get<Object>(value_) : kEmptyObject;
}

const Json& Json::operator[](std::string_view key) const {
  for (const Member& member : members()) {
    if (member.first == key) return member.second;
  }
  return kNull;
}

bool Json::contains(std::string_view key) const {
  for (const Member& member : members()) {
    if (member.first == key) return true;
  }
  return false;
}

Json& Json::set(std::string key, Json value) {
  if (!is_object()) value_ = Object{};
  for (Member& member : std::get<Object>(value_)) {
    if (member.first == key) {
      member.second = std::move(value);
      return *this;
    }
  }
  std::get<Object>(value_).emplace_back(std::move(key), std::move(value));
  return *this;
}

Json& Json::push(Json value) {
  if (!is_array()) value_ = Array{};
  std::get<Array>(value_).push_back(std::move(value));
  return *this;
}

}  // namespace tenbin
