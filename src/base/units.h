// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tenbin {

using namespace std::chrono_literals;

// Time spans and steady instants (since an arbitrary origin), int64 nanoseconds.
using Duration = std::chrono::nanoseconds;
constexpr double in_seconds(Duration d) { return static_cast<double>(d.count()) / 1e9; }
constexpr double in_milliseconds(Duration d) { return static_cast<double>(d.count()) / 1e6; }
constexpr Duration seconds(double s) { return Duration(static_cast<std::int64_t>(s * 1e9)); }

// int64 nanojoules: counters add exactly; range +-9.2 GJ.
struct Energy {
  std::int64_t nanojoules = 0;
  constexpr auto operator<=>(const Energy&) const = default;
  constexpr Energy& operator+=(Energy e) {
    nanojoules += e.nanojoules;
    return *this;
  }
  constexpr Energy& operator-=(Energy e) {
    nanojoules -= e.nanojoules;
    return *this;
  }
  friend constexpr Energy operator+(Energy a, Energy b) { return {a.nanojoules + b.nanojoules}; }
  friend constexpr Energy operator-(Energy a, Energy b) { return {a.nanojoules - b.nanojoules}; }
};
constexpr Energy joules(double j) { return {static_cast<std::int64_t>(j * 1e9)}; }
constexpr double in_joules(Energy e) { return static_cast<double>(e.nanojoules) / 1e9; }
constexpr double in_kilowatt_hours(Energy e) { return in_joules(e) / 3.6e6; }

struct Power {
  double w = 0;
  constexpr auto operator<=>(const Power&) const = default;
  friend constexpr Power operator+(Power a, Power b) { return {a.w + b.w}; }
};
constexpr Power watts(double w) { return {w}; }
constexpr double in_watts(Power p) { return p.w; }
constexpr Energy operator*(Power p, Duration d) { return joules(p.w * in_seconds(d)); }
constexpr Energy operator*(Duration d, Power p) { return p * d; }
constexpr Power operator/(Energy e, Duration d) { return {in_joules(e) / in_seconds(d)}; }

struct Bytes {
  std::int64_t count = 0;
  constexpr auto operator<=>(const Bytes&) const = default;
  friend constexpr Bytes operator+(Bytes a, Bytes b) { return {a.count + b.count}; }
};

// Multiply-accumulate operations of convolution and matrix products (energy.md convention).
struct Macs {
  std::int64_t count = 0;
  constexpr auto operator<=>(const Macs&) const = default;
  friend constexpr Macs operator+(Macs a, Macs b) { return {a.count + b.count}; }
};

// ISO 4217 code in upper case, e.g. {'J','P','Y'}.
struct Currency {
  std::array<char, 3> code = {'U', 'S', 'D'};
  constexpr bool operator==(const Currency&) const = default;
  std::string_view text() const { return {code.data(), code.size()}; }
};

// A decimal amount: billionths of the currency's main unit.
struct Money {
  std::int64_t billionths = 0;
  Currency currency;
  constexpr bool operator==(const Money&) const = default;
};
constexpr double in_units(Money m) { return static_cast<double>(m.billionths) / 1e9; }
Money money(double units, Currency currency);

// CO2 equivalent, int64 micrograms.
struct Carbon {
  std::int64_t micrograms = 0;
  constexpr auto operator<=>(const Carbon&) const = default;
};
constexpr Carbon grams_co2e(double g) {
  return {static_cast<std::int64_t>(g * 1e6 + (g < 0 ? -0.5 : 0.5))};  // to the nearest
}
constexpr double in_grams(Carbon c) { return static_cast<double>(c.micrograms) / 1e6; }

// A share of one, written 0.5% or 0.005.
struct Ratio {
  double value = 0;
  constexpr auto operator<=>(const Ratio&) const = default;
};

// Text to quantity. A number and a unit with SI prefix, no space needed: 60kJ 2Wh 5min 1h30min
// 20ms 300KB 4MiB 15W 2usd 300JPY 5gCO2e 2kg 0.5%. A bare number is an error that names the units.
// Negative and non-finite amounts are refused. Error: kBadValue.
Result<Duration> parse_duration(std::string_view text);
Result<Energy> parse_energy(std::string_view text);
Result<Power> parse_power(std::string_view text);
Result<Bytes> parse_bytes(std::string_view text);
Result<Money> parse_money(std::string_view text);
Result<Carbon> parse_carbon(std::string_view text);
Result<Ratio> parse_ratio(std::string_view text);

// Quantity to short text for people, three significant digits: "1.25 kJ", "5 min", "850 us".
std::string to_text(Duration d);
std::string to_text(Energy e);
std::string to_text(Power p);
std::string to_text(Bytes b);
std::string to_text(Macs m);
std::string to_text(Money m);
std::string to_text(Carbon c);
std::string to_text(Ratio r);
// Plain decimals with `digits` significant digits between 1e-4 and 1e7, else scientific.
std::string to_text(double value, int digits = 3);
// An amount in main units, in plain decimals however small: "0.0000000721 USD". A positive amount
// below a billionth is "< 0.000000001 USD", never 0.
std::string money_text(double units, Currency currency);
// A large count with an SI prefix, three significant digits: "176k", "2.7M".
std::string short_count(double count);
// A count in full, with thousands set apart: "1,234,567".
std::string full_count(std::int64_t count);

}  // namespace tenbin
