// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <gtest/gtest.h>

#include <limits>

namespace tenbin {
namespace {

constexpr std::int64_t kRefused = -1;

// The base unit of what was read, or kRefused.
std::int64_t read(const std::string& kind, const std::string& text) {
  const auto of = [](const auto& result, auto member) {
    return result.ok() ? static_cast<std::int64_t>(member(*result)) : kRefused;
  };
  if (kind == "time") return of(parse_duration(text), [](Duration d) { return d.count(); });
  if (kind == "energy") return of(parse_energy(text), [](Energy e) { return e.nanojoules; });
  if (kind == "power") return of(parse_power(text), [](Power p) { return p.w * 1e3; });
  if (kind == "size") return of(parse_bytes(text), [](Bytes b) { return b.count; });
  if (kind == "money") return of(parse_money(text), [](Money m) { return m.billionths; });
  if (kind == "carbon") return of(parse_carbon(text), [](Carbon c) { return c.micrograms; });
  return of(parse_ratio(text), [](Ratio r) { return r.value * 1e6; });
}

TEST(Units, ReadQuantitiesWithTheirUnits) {
  const struct {
    const char *why, *kind, *text;
    std::int64_t expected;
  } rows[] = {
      {"SI prefix", "energy", "60kJ", 60'000'000'000'000},
      {"watt hours", "energy", "2Wh", 7'200'000'000'000},
      {"a space before the unit", "energy", " 1.5 J ", 1'500'000'000},
      {"minutes", "time", "5min", 300'000'000'000},
      {"milliseconds are not minutes", "time", "1ms", 1'000'000},
      {"several parts", "time", "1h30min", 5'400'000'000'000},
      {"parts with a space", "time", "1min 30s", 90'000'000'000},
      {"micro in both spellings", "time", "5µs", 5'000},
      {"exponent", "time", "1e3s", 1'000'000'000'000},
      {"power in thousandths of a watt", "power", "15W", 15'000},
      {"decimal size", "size", "300KB", 300'000},
      {"binary size", "size", "4MiB", 4'194'304},
      {"currency without decimals", "money", "300JPY", 300'000'000'000},
      {"currency in lower case", "money", "2usd", 2'000'000'000},
      {"e of eur is no exponent", "money", "1eur", 1'000'000'000},
      {"mass of CO2e", "carbon", "5gCO2e", 5'000'000},
      {"kilograms", "carbon", "2kg", 2'000'000'000},
      {"per cent", "share", "0.5%", 5'000},
      {"plain share", "share", "0.005", 5'000},
      {"nothing", "time", "", kRefused},
      {"blanks only", "energy", "   ", kRefused},
      {"unit missing", "time", "5", kRefused},
      {"number missing", "energy", "kJ", kRefused},
      {"wrong dimension", "time", "5kJ", kRefused},
      {"case matters: MJ is not mJ, KJ is nothing", "energy", "5KJ", kRefused},
      {"negative", "time", "-5s", kRefused},
      {"two points", "time", "1.5.5s", kRefused},
      {"hexadecimal", "energy", "0x10J", kRefused},
      {"infinity", "energy", "infJ", kRefused},
      {"not a number", "money", "nanUSD", kRefused},
      {"beyond int64", "energy", "10GJ", kRefused},
      {"beyond int64 in parts", "time", "200000d1d", kRefused},
      {"beyond double", "time", "1e400s", kRefused},
      {"text after the unit", "energy", "5kJ please", kRefused},
      {"two currencies", "money", "5usdjpy", kRefused},
      {"currency sign", "money", "$5", kRefused},
      {"money beyond int64", "money", "1e13usd", kRefused},
      {"share with another unit", "share", "5J", kRefused},
      {"energy has no parts", "energy", "1kJ5J", kRefused},
      {"bytes 0 and control bytes", "size", std::string_view("5\0KB", 4).data(), kRefused},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(read(row.kind, row.text), row.expected) << row.why << ": " << row.text;
  }
}

TEST(Units, ErrorNamesTheUnitsThatAreValid) {
  const auto bare = parse_duration("5");
  ASSERT_FALSE(bare.ok());
  EXPECT_EQ(bare.error().code(), ErrorCode::kBadValue);
  EXPECT_NE(bare.error().message().find("min h d"), std::string::npos);
  EXPECT_NE(bare.error().hint().find("5min"), std::string::npos);
}

TEST(Units, WriteForPeople) {
  const struct {
    const char* why;
    std::string text, expected;
  } rows[] = {
      {"three digits", to_text(joules(1234.5)), "1.23 kJ"},
      {"zero has the base unit", to_text(Duration{}), "0 s"},
      {"zero joules", to_text(Energy{}), "0 J"},
      {"rounding that reaches the next prefix", to_text(Duration(999'960'000)), "1 s"},
      {"minutes", to_text(Duration(142s)), "2 min 22 s"},
      {"hours", to_text(Duration(7'500s)), "2 h 05 min"},
      {"MACs", to_text(Macs{308'000}), "308 kMAC"},
      {"share", to_text(Ratio{0.005}), "0.5%"},
      {"carbon", to_text(Carbon{1'500}), "1.5 mgCO2e"},
      {"no exponent in money", money_text(7.21e-8, {}), "0.0000000721 USD"},
      {"tiny money is not 0", money_text(3e-12, {}), "< 0.000000001 USD"},
      {"none is 0", money_text(0, {}), "0 USD"},
      {"cents", money_text(12.3, {{'E', 'U', 'R'}}), "12.3 EUR"},
      {"large sums keep their cents", money_text(12'345.678, {}), "12345.68 USD"},
      {"one billionth", to_text(Money{1, {}}), "0.000000001 USD"},
      {"count", short_count(175'547), "176k"},
      {"small count", short_count(85), "85"},
      {"count in full", full_count(1'234'567), "1,234,567"},
      {"negative count", full_count(-1'000), "-1,000"},
      {"three digits need no comma", full_count(999), "999"},
      {"very small numbers are scientific", to_text(1.5e-7), "1.5e-07"},
      {"no zeros at the end", to_text(2.50), "2.5"},
  };
  for (const auto& row : rows) EXPECT_EQ(row.text, row.expected) << row.why;
}

TEST(Units, WhatIsWrittenReadsBack) {
  for (const std::int64_t ns : {1'000, 25'000'000, 1'500'000'000}) {
    const auto back = parse_duration(to_text(Duration(ns)));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->count(), ns);
  }
  const auto money_back = parse_money(to_text(Money{150'000, {}}));
  ASSERT_TRUE(money_back.ok());
  EXPECT_EQ(money_back->billionths, 150'000);
}

TEST(Units, DimensionsMultiply) {
  EXPECT_EQ(watts(40) * Duration(120s), joules(4'800));
  EXPECT_DOUBLE_EQ(in_watts(joules(10) / Duration(2s)), 5);
  EXPECT_DOUBLE_EQ(in_kilowatt_hours(joules(3.6e6)), 1);
  EXPECT_EQ(grams_co2e(6.9e-7).micrograms, 1) << "rounded, not cut off";
}

}  // namespace
}  // namespace tenbin
