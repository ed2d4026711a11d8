// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <span>
#include <vector>

namespace tenbin {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

struct Scanned {
  double value = 0;
  std::string_view rest;
};

constexpr double kLargest = 9.2e18;  // of the int64 base unit

Error bad_quantity(std::string_view text, std::string_view kind, std::string_view example,
                   std::string_view why) {
  std::string message = "cannot read '" + std::string(text) + "' as " + std::string(kind) + ": ";
  message += why;
  return Error(ErrorCode::kBadValue, std::move(message), {},
               "write a number and its unit, for example " + std::string(example));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) {
    text.remove_suffix(1);
  }
  return text;
}

bool scan_number(std::string_view text, Scanned& out) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out.value);
  if (failure != std::errc{} || !std::isfinite(out.value)) return false;
  out.rest = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
  return true;
}

// from_chars would read "2e" of "2eur" or "1e" units as an exponent only if digits follow: fine.
struct Kind {
  std::string_view name, example;
  std::span<const Unit> units;
  bool compound = false;
};

Result<double> parse_units(std::string_view text, const Kind& kind) {
  std::string_view rest = trimmed(text);
  double sum = 0;
  bool any = false;
  while (!rest.empty()) {
    Scanned number;
    if (!scan_number(rest, number)) {
      return bad_quantity(text, kind.name, kind.example, "no number found");
    }
    if (number.value < 0) return bad_quantity(text, kind.name, kind.example, "it is negative");
    std::size_t length = 0;
    while (length < number.rest.size() &&
           !std::isdigit(static_cast<unsigned char>(number.rest[length])) &&
           number.rest[length] != ' ' && number.rest[length] != '.') {
      ++length;
    }
    if (!kind.compound) length = number.rest.size();
    const std::string_view name = number.rest.substr(0, length);
    const Unit* found = nullptr;
    for (const Unit& unit : kind.units) {
      if (unit.name == name) found = &unit;
    }
    if (found == nullptr) {
      std::string valid;
      for (const Unit& unit : kind.units) {
        valid += (valid.empty() ? "" : " ") + std::string(unit.name);
      }
      return bad_quantity(text, kind.name, kind.example,
                          (name.empty() ? std::string("the unit is missing")
                                        : "unknown unit '" + std::string(name) + "'") +
                              ", valid are " + valid);
    }
    sum += number.value * found->factor;
    any = true;
    rest = trimmed(number.rest.substr(length));
  }
  if (!any) return bad_quantity(text, kind.name, kind.example, "it is empty");
  if (!(sum < kLargest)) return bad_quantity(text, kind.name, kind.example, "it is too large");
  return sum;
}

constexpr std::array kDurationUnits = {Unit{"ns", 1},     Unit{"us", 1e3},   Unit{"µs", 1e3},
                                       Unit{"ms", 1e6},   Unit{"s", 1e9},    Unit{"sec", 1e9},
                                       Unit{"min", 60e9}, Unit{"h", 3600e9}, Unit{"d", 86400e9}};
constexpr std::array kEnergyUnits = {Unit{"nJ", 1},      Unit{"uJ", 1e3},     Unit{"µJ", 1e3},
                                     Unit{"mJ", 1e6},    Unit{"J", 1e9},      Unit{"kJ", 1e12},
                                     Unit{"MJ", 1e15},   Unit{"GJ", 1e18},    Unit{"mWh", 3.6e9},
                                     Unit{"Wh", 3.6e12}, Unit{"kWh", 3.6e15}, Unit{"MWh", 3.6e18}};
constexpr std::array kPowerUnits = {Unit{"uW", 1e-6}, Unit{"mW", 1e-3}, Unit{"W", 1},
                                    Unit{"kW", 1e3}, Unit{"MW", 1e6}};
constexpr std::array kByteUnits = {Unit{"B", 1},
                                   Unit{"kB", 1e3},
                                   Unit{"KB", 1e3},
                                   Unit{"MB", 1e6},
                                   Unit{"GB", 1e9},
                                   Unit{"TB", 1e12},
                                   Unit{"KiB", 1024},
                                   Unit{"MiB", 1048576},
                                   Unit{"GiB", 1073741824.0},
                                   Unit{"TiB", 1099511627776.0}};
constexpr std::array kCarbonUnits = {Unit{"ug", 1},       Unit{"mg", 1e3},    Unit{"g", 1e6},
                                     Unit{"kg", 1e9},     Unit{"t", 1e12},    Unit{"ugCO2e", 1},
                                     Unit{"mgCO2e", 1e3}, Unit{"gCO2e", 1e6}, Unit{"kgCO2e", 1e9},
                                     Unit{"tCO2e", 1e12}, Unit{"gCO2", 1e6},  Unit{"kgCO2", 1e9}};

std::string scaled(double value, std::span<const Unit> steps) {
  const Unit* best = &steps.front();
  for (const Unit& step : steps) {
    if (std::fabs(value) >= step.factor * 0.99995) best = &step;
  }
  return to_text(value / best->factor) + " " + std::string(best->name);
}

std::int64_t rounded(double value) { return static_cast<std::int64_t>(std::llround(value)); }

}  // namespace

Money money(double units, Currency currency) { return {rounded(units * 1e9), currency}; }

Result<Duration> parse_duration(std::string_view text) {
  TENBIN_TRY(const double ns,
             parse_units(text, {"a duration", "20ms, 30s, 5min or 1h30min", kDurationUnits, true}));
  return Duration(rounded(ns));
}

Result<Energy> parse_energy(std::string_view text) {
  TENBIN_TRY(const double nj, parse_units(text, {"an energy", "60kJ or 2Wh", kEnergyUnits}));
  return Energy{rounded(nj)};
}

Result<Power> parse_power(std::string_view text) {
  TENBIN_TRY(const double w, parse_units(text, {"a power", "15W or 250mW", kPowerUnits}));
  return Power{w};
}

Result<Bytes> parse_bytes(std::string_view text) {
  TENBIN_TRY(const double b, parse_units(text, {"a size", "300KB or 4MiB", kByteUnits}));
  return Bytes{rounded(b)};
}

Result<Carbon> parse_carbon(std::string_view text) {
  TENBIN_TRY(const double ug, parse_units(text, {"a mass of CO2e", "5gCO2e or 2kg", kCarbonUnits}));
  return Carbon{rounded(ug)};
}

Result<Money> parse_money(std::string_view text) {
  const std::string_view kind = "an amount of money";
  const std::string_view example = "2usd or 300JPY";
  const std::string_view whole = trimmed(text);
  Scanned number;
  if (!scan_number(whole, number)) return bad_quantity(text, kind, example, "no number found");
  if (number.value < 0) return bad_quantity(text, kind, example, "it is negative");
  if (number.rest.size() != 3) {
    return bad_quantity(text, kind, example, "the currency must be a three-letter ISO 4217 code");
  }
  Currency currency;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto c = static_cast<unsigned char>(number.rest[i]);
    if (!std::isalpha(c)) {
      return bad_quantity(text, kind, example, "the currency must be a three-letter ISO 4217 code");
    }
    currency.code[i] = static_cast<char>(std::toupper(c));
  }
  if (number.value * 1e9 > kLargest) return bad_quantity(text, kind, example, "it is too large");
  return money(number.value, currency);
}

Result<Ratio> parse_ratio(std::string_view text) {
  Scanned number;
  const std::string_view example = "0.5% or 0.005";
  if (!scan_number(trimmed(text), number)) {
    return bad_quantity(text, "a share", example, "no number found");
  }
  if (number.value < 0) return bad_quantity(text, "a share", example, "it is negative");
  if (number.rest == "%") return Ratio{number.value / 100};
  if (!number.rest.empty()) return bad_quantity(text, "a share", example, "unknown unit");
  return Ratio{number.value};
}

namespace {

// No exponent, no zeros at the end.
std::string plain_decimals(double value, int digits) {
  const double size = std::fabs(value);
  char text[64];
  int decimals = digits - 1;
  if (size != 0) decimals -= static_cast<int>(std::floor(std::log10(size)));
  decimals = decimals < 0 ? 0 : decimals;
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  std::string out = text;
  if (out.find('.') != std::string::npos) {
    while (out.back() == '0') out.pop_back();
    if (out.back() == '.') out.pop_back();
  }
  return out;
}

}  // namespace

std::string to_text(double value, int digits) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  const double size = std::fabs(value);
  if (size == 0 || (size >= 1e-4 && size < 1e7)) return plain_decimals(value, digits);
  char text[64];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

std::string to_text(Duration d) {
  static constexpr std::array kSteps = {Unit{"ns", 1}, Unit{"us", 1e3}, Unit{"ms", 1e6},
                                        Unit{"s", 1e9}};
  if (d.count() == 0) return "0 s";
  if (d < 120s) return scaled(static_cast<double>(d.count()), kSteps);
  const auto whole = static_cast<long long>(std::llround(in_seconds(d)));
  char text[48];
  if (whole < 7200) {
    std::snprintf(text, sizeof text, "%lld min %02lld s", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld h %02lld min", whole / 3600, whole % 3600 / 60);
  }
  return text;
}

std::string to_text(Energy e) {
  static constexpr std::array kSteps = {Unit{"nJ", 1},   Unit{"uJ", 1e3},  Unit{"mJ", 1e6},
                                        Unit{"J", 1e9},  Unit{"kJ", 1e12}, Unit{"MJ", 1e15},
                                        Unit{"GJ", 1e18}};
  if (e.nanojoules == 0) return "0 J";
  return scaled(static_cast<double>(e.nanojoules), kSteps);
}

std::string to_text(Power p) {
  static constexpr std::array kSteps = {Unit{"uW", 1e-6}, Unit{"mW", 1e-3}, Unit{"W", 1},
                                        Unit{"kW", 1e3}, Unit{"MW", 1e6}};
  if (p.w == 0) return "0 W";
  return scaled(p.w, kSteps);
}

std::string to_text(Bytes b) {
  static constexpr std::array kSteps = {Unit{"B", 1}, Unit{"KB", 1e3}, Unit{"MB", 1e6},
                                        Unit{"GB", 1e9}, Unit{"TB", 1e12}};
  return scaled(static_cast<double>(b.count), kSteps);
}

std::string to_text(Macs m) {
  static constexpr std::array kSteps = {Unit{"MAC", 1}, Unit{"kMAC", 1e3}, Unit{"MMAC", 1e6},
                                        Unit{"GMAC", 1e9}, Unit{"TMAC", 1e12}};
  return scaled(static_cast<double>(m.count), kSteps);
}

std::string to_text(Money m) { return money_text(in_units(m), m.currency); }

std::string money_text(double units, Currency currency) {
  constexpr double kLeast = 1e-9;
  const std::string code = " " + std::string(currency.text());
  if (units != 0 && std::fabs(units) < kLeast) return "< 0.000000001" + code;
  if (std::fabs(units) >= 1000 || units == 0 || !std::isfinite(units)) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", units == 0 ? 0 : 2, units);
    return text + code;
  }
  return plain_decimals(units, 3) + code;
}

std::string short_count(double count) {
  constexpr std::array kSteps = {Unit{"", 1}, Unit{"k", 1e3}, Unit{"M", 1e6}, Unit{"G", 1e9},
                                 Unit{"T", 1e12}};
  const Unit* best = &kSteps.front();
  for (const Unit& step : kSteps) {
    if (std::fabs(count) >= step.factor * 0.99995) best = &step;
  }
  return to_text(count / best->factor) + std::string(best->name);
}

std::string full_count(std::int64_t count) {
  std::string digits = std::to_string(count);
  const std::size_t sign = count < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > sign + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string to_text(Carbon c) {
  if (c.micrograms == 0) return "0 gCO2e";
  static constexpr std::array kSteps = {Unit{"ugCO2e", 1}, Unit{"mgCO2e", 1e3}, Unit{"gCO2e", 1e6},
                                        Unit{"kgCO2e", 1e9}, Unit{"tCO2e", 1e12}};
  return scaled(static_cast<double>(c.micrograms), kSteps);
}

std::string to_text(Ratio r) { return to_text(r.value * 100) + "%"; }

}  // namespace tenbin
