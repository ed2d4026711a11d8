// SPDX-License-Identifier: Apache-2.0
#include "base/json_reader.h"

#include <charconv>
#include <cmath>

namespace tenbin {
namespace {

constexpr int kMostDepth = 63;  // a bit each in began_

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Bytes of the UTF-8 character that begins here, 0 if none does (RFC 3629: no overlong form, no
// surrogate, at most U+10FFFF).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first < 0xF0) {
    if (!follows(1) || !follows(2)) return 0;
    if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) >= 0xA0)) return 0;
    return 3;
  }
  if (first >= 0xF0 && first < 0xF5) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if ((first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) >= 0x90)) return 0;
    return 4;
  }
  return 0;
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0u | (c >> 6));
    out += static_cast<char>(0x80u | (c & 0x3Fu));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0u | (c >> 12));
    out += static_cast<char>(0x80u | ((c >> 6) & 0x3Fu));
    out += static_cast<char>(0x80u | (c & 0x3Fu));
  } else {
    out += static_cast<char>(0xF0u | (c >> 18));
    out += static_cast<char>(0x80u | ((c >> 12) & 0x3Fu));
    out += static_cast<char>(0x80u | ((c >> 6) & 0x3Fu));
    out += static_cast<char>(0x80u | (c & 0x3Fu));
  }
}

}  // namespace

bool JsonReader::fail(std::string_view expected) {
  if (error_.empty()) {
    error_ = "expected " + std::string(expected) + " at byte " + std::to_string(at_);
  }
  at_ = text_.size();
  return false;
}

void JsonReader::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
    ++at_;
  }
}

bool JsonReader::take(char c) {
  skip_space();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

JsonReader::Kind JsonReader::peek() {
  skip_space();
  if (!error_.empty() || at_ >= text_.size()) return Kind::kNone;
  switch (text_[at_]) {
    case '{': return Kind::kObject;
    case '[': return Kind::kArray;
    case '"': return Kind::kString;
    case 't':
    case 'f': return Kind::kBool;
    case 'n': return Kind::kNull;
    case '-': return Kind::kNumber;
    default: return is_digit(text_[at_]) ? Kind::kNumber : Kind::kNone;
  }
}

bool JsonReader::enter(char open) {
  if (!error_.empty()) return false;
  if (!take(open)) return fail(open == '{' ? "an object" : "an array");
  if (depth_ == kMostDepth) return fail("at most 64 levels");
  ++depth_;
  const std::uint64_t bit = std::uint64_t{1} << depth_;
  began_ &= ~bit;
  objects_ = open == '{' ? objects_ | bit : objects_ & ~bit;
  return true;
}

bool JsonReader::enter_object() { return enter('{'); }
bool JsonReader::enter_array() { return enter('['); }

// Another member or item, or the end.
bool JsonReader::next(char close) {
  if (!error_.empty() || depth_ == 0) return false;
  const std::uint64_t bit = std::uint64_t{1} << depth_;
  if (take(close)) {
    --depth_;
    return false;
  }
  if ((began_ & bit) != 0 && !take(',')) return fail(close == '}' ? "',' or '}'" : "',' or ']'");
  began_ |= bit;
  return true;
}

bool JsonReader::next_key(std::string& key) {
  if (!next('}')) return false;
  if (peek() != Kind::kString) return fail("a key in quotes");
  if (!read(key)) return false;
  return take(':') || fail("':'");
}

bool JsonReader::next_item() {
  if (!next(']')) return false;
  return peek() != Kind::kNone || fail("a value");
}

bool JsonReader::read_hex(std::uint32_t& value) {
  if (text_.size() - at_ < 4) return fail("four hexadecimal digits");
  const char* begin = text_.data() + at_;
  const auto [end, error] = std::from_chars(begin, begin + 4, value, 16);
  if (error != std::errc() || end != begin + 4) return fail("four hexadecimal digits");
  at_ += 4;
  return true;
}

bool JsonReader::read_escape(std::string& value) {
  if (at_ >= text_.size()) return fail("the end of a string");
  switch (text_[at_++]) {
    case '"': value += '"'; return true;
    case '\\': value += '\\'; return true;
    case '/': value += '/'; return true;
    case 'b': value += '\b'; return true;
    case 'f': value += '\f'; return true;
    case 'n': value += '\n'; return true;
    case 'r': value += '\r'; return true;
    case 't': value += '\t'; return true;
    case 'u': break;
    default: return fail("a known escape");
  }
  std::uint32_t c = 0, low = 0;
  if (!read_hex(c)) return false;
  if (c >= 0xDC00 && c < 0xE000) return fail("a high surrogate first");
  if (c >= 0xD800 && c < 0xDC00) {
    if (text_.substr(at_, 2) != "\\u") return fail("a low surrogate");
    at_ += 2;
    if (!read_hex(low)) return false;
    if (low < 0xDC00 || low >= 0xE000) return fail("a low surrogate");
    c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
  }
  append_utf8(value, c);
  return true;
}

bool JsonReader::read(std::string& value) {
  value.clear();
  if (peek() != Kind::kString) return fail("a string");
  ++at_;
  for (;;) {
    if (at_ >= text_.size()) return fail("the end of a string");
    const char c = text_[at_];
    if (c == '"') break;
    if (static_cast<unsigned char>(c) < 0x20) return fail("no control character in a string");
    if (c == '\\') {
      ++at_;
      if (!read_escape(value)) return false;
      continue;
    }
    const std::size_t length = utf8_length(text_.substr(at_, 4));
    if (length == 0) return fail("UTF-8");
    value.append(text_.substr(at_, length));
    at_ += length;
  }
  ++at_;
  return true;
}

// The number that begins here, by JSON's grammar. `whole`: no fraction, no exponent.
bool JsonReader::number_text(std::string_view& number, bool whole) {
  if (peek() != Kind::kNumber) return fail(whole ? "a whole number" : "a number");
  std::size_t at = at_;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text_.size() && is_digit(text_[at])) ++at;
    return at - from;
  };
  if (text_[at] == '-') ++at;
  const std::size_t first = at;
  const std::size_t integral = digits();
  if (integral == 0 || (integral > 1 && text_[first] == '0')) return fail("a number");
  const std::size_t end_of_whole = at;
  if (at < text_.size() && text_[at] == '.') {
    ++at;
    if (digits() == 0) return fail("digits behind the point");
  }
  if (at < text_.size() && (text_[at] == 'e' || text_[at] == 'E')) {
    ++at;
    if (at < text_.size() && (text_[at] == '+' || text_[at] == '-')) ++at;
    if (digits() == 0) return fail("an exponent");
  }
  if (whole && at != end_of_whole) return fail("a whole number");
  number = text_.substr(at_, at - at_);
  at_ = at;
  return true;
}

template <class T> bool JsonReader::read_number(T& value, bool whole) {
  const std::size_t from = at_;
  std::string_view number;
  if (!number_text(number, whole)) return false;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error == std::errc() && end == number.data() + number.size()) return true;
  if constexpr (std::is_floating_point_v<T>) {
    // Too small to be told from zero is no error; too large is.
    double wide = 0;
    const auto again = std::from_chars(number.data(), number.data() + number.size(), wide);
    const bool tiny = again.ec == std::errc() ? std::abs(wide) < 1
                                              : number.find("e-") != std::string_view::npos ||
                                                    number.find("E-") != std::string_view::npos;
    if (error == std::errc::result_out_of_range && tiny) {
      value = 0;
      return true;
    }
  }
  at_ = from;
  return fail("a number within the range of its type");
}

bool JsonReader::read(double& value) { return read_number(value, false); }
bool JsonReader::read(float& value) { return read_number(value, false); }
bool JsonReader::read(std::int64_t& value) { return read_number(value, true); }
bool JsonReader::read(std::uint64_t& value) { return read_number(value, true); }

bool JsonReader::read(bool& value) {
  skip_space();
  if (!error_.empty()) return false;
  for (const bool candidate : {true, false}) {
    const std::string_view word = candidate ? "true" : "false";
    if (text_.substr(at_, word.size()) == word) {
      at_ += word.size();
      value = candidate;
      return true;
    }
  }
  return fail("true or false");
}

bool JsonReader::read_null() {
  skip_space();
  if (!error_.empty() || text_.substr(at_, 4) != "null") return fail("null");
  at_ += 4;
  return true;
}

bool JsonReader::skip() {
  const int outside = depth_;
  std::string text;
  bool flag = false;
  do {
    switch (peek()) {
      case Kind::kObject:
        if (!enter_object()) return false;
        break;
      case Kind::kArray:
        if (!enter_array()) return false;
        break;
      case Kind::kString:
        if (!read(text)) return false;
        break;
      case Kind::kNumber: {
        std::string_view number;
        if (!number_text(number, false)) return false;
        break;
      }
      case Kind::kBool:
        if (!read(flag)) return false;
        break;
      case Kind::kNull:
        if (!read_null()) return false;
        break;
      case Kind::kNone: return fail("a value");
    }
    // To the next value inside, or out of what has ended.
    while (depth_ > outside && !(in_object() ? next_key(text) : next_item())) {
      if (!ok()) return false;
    }
  } while (depth_ > outside);
  return ok();
}

bool JsonReader::read_raw(std::string_view& value) {
  skip_space();
  const std::size_t from = at_;
  if (!skip()) return false;
  value = text_.substr(from, at_ - from);
  return true;
}

bool JsonReader::end() {
  skip_space();
  if (ok() && at_ != text_.size()) return fail("the end");
  return ok() && depth_ == 0;
}

}  // namespace tenbin
