// SPDX-License-Identifier: Apache-2.0
#include "http/http_date.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "platform/clock.h"

namespace tenbin {

std::string http_date(std::int64_t seconds) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  using std::chrono::days;
  const std::chrono::sys_seconds instant{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(instant - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

const std::string& http_date() {
  thread_local std::int64_t second = -1;
  thread_local std::string text;
  const std::int64_t now = real_clock().wall_now_ns() / 1'000'000'000;
  if (now != second) {
    second = now;
    text = http_date(now);
  }
  return text;
}

}  // namespace tenbin
