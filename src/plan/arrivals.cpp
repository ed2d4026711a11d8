// SPDX-License-Identifier: Apache-2.0
#include "plan/arrivals.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace tenbin {
namespace {

constexpr double kLongestTrace = 366.0 * 86'400;  // [s]

// A stream of uniform numbers in (0, 1] from a counter. (Steele et al. 2014, SplitMix64)
double uniform(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  z ^= z >> 31;
  return (static_cast<double>(z >> 11) + 1) * 0x1.0p-53;
}

// Days since 1970 of a date in the Gregorian calendar.
std::int64_t days_of(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// "2023-11-16 18:17:03.9799600", or seconds; nothing: it is neither.
std::optional<double> instant_of(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) {
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
  }
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const auto field = [&](std::size_t at, std::size_t size) {
    int value = -1;
    std::from_chars(text.data() + at, text.data() + at + size, value);
    return value;
  };
  double second = -1;
  std::string_view rest = text.substr(17);
  if (!rest.empty() && rest.back() == 'Z') rest.remove_suffix(1);
  std::from_chars(rest.data(), rest.data() + rest.size(), second);
  const int month = field(5, 2), day = field(8, 2), hour = field(11, 2), minute = field(14, 2);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || minute < 0 || second < 0) {
    return std::nullopt;
  }
  return static_cast<double>(days_of(field(0, 4), month, day)) * 86'400 + hour * 3'600 +
         minute * 60 + second;
}

// The cell of that column.
std::string_view cell_of(std::string_view line, std::size_t column) {
  for (; column > 0; --column) {
    const std::size_t comma = line.find(',');
    if (comma == std::string_view::npos) return {};
    line.remove_prefix(comma + 1);
  }
  line = line.substr(0, line.find(','));
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  return line;
}

std::size_t time_column(std::string_view header) {
  for (std::size_t column = 0;; ++column) {
    const std::string_view cell = cell_of(header, column);
    if (cell.empty()) return 0;
    if (cell == "TIMESTAMP" || cell == "timestamp" || cell == "time") return column;
  }
}

// The smallest k with at least `level` of the binomial distribution at or below it.
std::int64_t binomial_quantile(std::int64_t n, double p, double level) {
  const auto trials = static_cast<double>(n);
  const double mean = trials * p;
  const double variance = mean * (1 - p);
  if (variance > 200) {  // beyond that the normal distribution is within a rank
    const double z = level < 0.5 ? -1.959964 : 1.959964;
    return static_cast<std::int64_t>(std::ceil(mean + z * std::sqrt(variance) - 0.5));
  }
  double share = std::pow(1 - p, trials);
  double below = share;
  std::int64_t k = 0;
  for (; below < level && k < n; ++k) {
    const auto done = static_cast<double>(k);
    share *= (trials - done) / (done + 1) * p / (1 - p);
    below += share;
  }
  return k;
}

}  // namespace

std::vector<Duration> arrivals_at(double rate, Duration duration, ArrivalKind kind,
                                  std::uint64_t seed) {
  std::vector<Duration> out;
  std::uint64_t state = seed * 0xD1342543DE82EF95ull + 1;
  double at = 0;
  const double end = in_seconds(duration);
  for (double count = 1;; ++count) {
    // Even ones by their count: a sum would drift.
    at = kind == ArrivalKind::kConstant ? count / rate : at - std::log(uniform(state)) / rate;
    if (at >= end) return out;
    out.push_back(seconds(at));
  }
}

Result<std::vector<Duration>> arrivals_of_trace(std::string_view csv, double speed) {
  std::vector<Duration> out;
  std::optional<double> first;
  std::size_t column = 0;
  for (std::size_t line = 1; !csv.empty(); ++line) {
    const std::size_t end = std::min(csv.find('\n'), csv.size());
    const std::string_view text = csv.substr(0, end);
    csv.remove_prefix(std::min(csv.size(), end + 1));
    if (text.empty() || text == "\r") continue;
    if (line == 1) column = time_column(text);
    const auto instant = instant_of(cell_of(text, column));
    if (!instant) {
      if (line == 1) continue;  // the header
      return Error(ErrorCode::kMalformedData,
                   "'" + std::string(cell_of(text, column)) + "' is no instant",
                   "line " + std::to_string(line),
                   "expected seconds, or 2023-11-16 18:17:03.98, in the first column or one called "
                   "TIMESTAMP");
    }
    if (!first) first = *instant;
    const double at = (*instant - *first) / speed;
    if (std::abs(at) > kLongestTrace) {
      return Error(ErrorCode::kTooLarge, "the trace is longer than a year at that speed",
                   "line " + std::to_string(line), "replay it faster with --speed");
    }
    out.push_back(seconds(at));
  }
  if (out.empty()) return Error(ErrorCode::kEmptyData, "the trace has no arrivals");
  std::sort(out.begin(), out.end());
  // From its earliest line, which need not be its first.
  for (const Duration start = out.front(); Duration & at : out) at -= start;
  return out;
}

std::vector<double> ramp(double first, double last) {
  std::vector<double> out;
  for (double step = first; step < last; step *= 2) out.push_back(step);
  out.push_back(last);
  return out;
}

QuantileEstimate quantile_of(std::span<const Duration> sorted, double q) {
  if (sorted.empty()) return {};
  const auto n = static_cast<std::int64_t>(sorted.size());
  const auto at = [&](std::int64_t rank) { return sorted[static_cast<std::size_t>(rank - 1)]; };
  QuantileEstimate out;
  out.value = at(std::clamp<std::int64_t>(
      static_cast<std::int64_t>(std::ceil(static_cast<double>(n) * q)), 1, n));
  // Counted from the top: how many values lie above the quantile.
  const std::int64_t low = n - binomial_quantile(n, 1 - q, 0.975);
  const std::int64_t high = n - binomial_quantile(n, 1 - q, 0.025) + 1;
  if (low >= 1) out.low = at(low);
  if (high <= n) out.high = at(high);
  return out;
}

}  // namespace tenbin
