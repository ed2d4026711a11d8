// SPDX-License-Identifier: Apache-2.0
#include "data/time_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace tenbin {
namespace {

constexpr std::int64_t kDay = 86'400;

// Days since 1970-01-01; March-based years make leap days fall at a year's end.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

bool valid_date(int year, int month, int day) {
  constexpr std::array<int, 12> kLengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const int length = kLengths[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
  return day <= length;
}

// Walks a text from the front; every take says whether it found what it wanted.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}
  bool done() const { return at_ == text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (peek() != c || done()) return false;
    ++at_;
    return true;
  }
  // `least` to `most` digits.
  bool number(int least, int most, int& into) {
    int digits = 0;
    into = 0;
    while (digits < most && peek() >= '0' && peek() <= '9') {
      into = into * 10 + (peek() - '0');
      ++at_;
      ++digits;
    }
    return digits >= least;
  }
  void skip_digits() {
    while (peek() >= '0' && peek() <= '9') ++at_;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

bool take_zone(Cursor& at, std::int64_t& offset) {
  at.take(' ');
  if (at.done() || at.take('Z') || at.take('z')) return true;
  const bool behind = at.peek() == '-';
  if (!at.take('-') && !at.take('+')) return false;
  int hours = 0, minutes = 0;
  if (!at.number(2, 2, hours)) return false;
  at.take(':');
  if (!at.done() && !at.number(2, 2, minutes)) return false;
  if (hours > 15 || minutes > 59) return false;
  offset = (behind ? 1 : -1) * (hours * std::int64_t{3600} + minutes * std::int64_t{60});
  return true;
}

// The rest of the text after the date: nothing, or a clock time and a zone.
std::optional<std::int64_t> take_clock(Cursor& at) {
  if (at.done()) return 0;
  if (!at.take('T') && !at.take(' ')) return std::nullopt;
  int hour = 0, minute = 0, second = 0;
  if (!at.number(1, 2, hour) || !at.take(':') || !at.number(2, 2, minute)) return std::nullopt;
  if (at.take(':')) {
    if (!at.number(2, 2, second)) return std::nullopt;
    if (at.take('.') || at.take(',')) at.skip_digits();
  }
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  std::int64_t offset = 0;
  if (!take_zone(at, offset) || !at.done()) return std::nullopt;
  return hour * 3600 + minute * 60 + second + offset;
}

bool take_separator(Cursor& at, char& separator) {
  const char c = at.peek();
  if (separator == '\0' && (c == '-' || c == '/' || c == '.')) separator = c;
  return separator != '\0' && at.take(separator);
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text, TimeStyle style) {
  if (text.size() < 8 || text.size() > 40) return std::nullopt;
  Cursor at(text);
  int first = 0, second = 0, third = 0;
  char separator = '\0';
  const bool iso = style == TimeStyle::kIso;
  if (!at.number(iso ? 4 : 1, iso ? 4 : 2, first) || !take_separator(at, separator) ||
      !at.number(1, 2, second) || !take_separator(at, separator) ||
      !at.number(iso ? 1 : 4, iso ? 2 : 4, third)) {
    return std::nullopt;
  }
  const int year = iso ? first : third;
  const int month = style == TimeStyle::kMonthFirst ? first : second;
  const int day = iso ? third : (style == TimeStyle::kDayFirst ? first : second);
  if (!valid_date(year, month, day)) return std::nullopt;
  const std::optional<std::int64_t> clock = take_clock(at);
  if (!clock) return std::nullopt;
  return days_of(year, month, day) * kDay + *clock;
}

std::string time_text(std::int64_t seconds) {
  std::int64_t days = seconds / kDay, rest = seconds % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t doe = days - era * 146'097;
  const std::int64_t yoe = (doe - doe / 1'460 + doe / 36'524 - doe / 146'096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t march_month = (5 * doy + 2) / 153;
  const std::int64_t day = doy - (153 * march_month + 2) / 5 + 1;
  const std::int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
  const std::int64_t year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  std::array<char, 80> out{};
  int length =
      std::snprintf(out.data(), out.size(), "%04lld-%02lld-%02lld", static_cast<long long>(year),
                    static_cast<long long>(month), static_cast<long long>(day));
  if (rest != 0) {
    length +=
        std::snprintf(out.data() + length, out.size() - static_cast<std::size_t>(length),
                      " %02lld:%02lld:%02lld", static_cast<long long>(rest / 3600),
                      static_cast<long long>(rest / 60 % 60), static_cast<long long>(rest % 60));
  }
  return std::string(out.data(), static_cast<std::size_t>(length));
}

std::optional<double> parse_cell_number(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Too large for a double is infinite; too small is zero.
    const bool tiny = text.find("e-") != text.npos || text.find("E-") != text.npos;
    const double size = tiny ? 0.0 : HUGE_VAL;
    return text.front() == '-' ? -size : size;
  }
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::string number_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 64> out{};
  const double whole = std::nearbyint(value);
  if (whole == value && std::fabs(value) < 1e15) {
    const auto end =
        std::to_chars(out.data(), out.data() + out.size(), static_cast<long long>(whole)).ptr;
    return std::string(out.data(), end);
  }
  const auto end = std::to_chars(out.data(), out.data() + out.size(), value).ptr;
  return std::string(out.data(), end);
}

}  // namespace tenbin
