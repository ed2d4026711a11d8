// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/measurement.h"
#include "base/options.h"
#include "base/units.h"

namespace tenbin {

// What a kilowatt hour costs, e.g. 0.30usd/kWh.
struct EnergyPrice {
  Money per_kwh;
  bool operator==(const EnergyPrice&) const = default;
};
// What an hour of a rented machine costs, e.g. 1.20usd/h. Zero: the machine is not rented.
struct MachinePrice {
  Money per_hour;
  bool operator==(const MachinePrice&) const = default;
};
// Grams of CO2 equivalent per kilowatt hour, e.g. 400g/kWh.
struct CarbonIntensity {
  double grams_per_kwh = 0;
  bool operator==(const CarbonIntensity&) const = default;
};

// "0.30usd/kWh", "30jpy/kWh", "90usd/MWh". Error: kBadValue.
Result<EnergyPrice> parse_energy_price(std::string_view text);
// "1.20usd/h". Error: kBadValue.
Result<MachinePrice> parse_machine_price(std::string_view text);
// "400g/kWh", "0.4kg/kWh", "400kg/MWh". Error: kBadValue.
Result<CarbonIntensity> parse_carbon_intensity(std::string_view text);
std::string to_text(EnergyPrice price);
std::string to_text(MachinePrice price);
std::string to_text(CarbonIntensity intensity);

template <> struct OptionText<EnergyPrice> {
  static constexpr const char* kType = "energy_price";
  static std::string print(EnergyPrice v) { return to_text(v); }
  static Result<EnergyPrice> parse(std::string_view text) { return parse_energy_price(text); }
};
template <> struct OptionText<MachinePrice> {
  static constexpr const char* kType = "machine_price";
  static std::string print(MachinePrice v) { return to_text(v); }
  static Result<MachinePrice> parse(std::string_view text) { return parse_machine_price(text); }
};
template <> struct OptionText<CarbonIntensity> {
  static constexpr const char* kType = "carbon_intensity";
  static std::string print(CarbonIntensity v) { return to_text(v); }
  static Result<CarbonIntensity> parse(std::string_view text) {
    return parse_carbon_intensity(text);
  }
};

// Joules and time to money and grams. A rented machine is paid by the hour and has no power bill
// on top. The defaults are constants for the user to replace, and are told apart from what the
// user set (`note()`), so a figure that rests on one can say so.
struct Prices {
  EnergyPrice price{Money{150'000'000, Currency{}}};
  MachinePrice machine{};
  CarbonIntensity carbon{494};
  double pue = 1.0;

  template <class Fields> static void describe(Fields& f) {
    f("price", &Prices::price,
      "Price of electricity [money/kWh]; the default is a round figure, not your bill.");
    f("machine_price", &Prices::machine,
      "Price of a rented machine [money/h]; if set it replaces the power bill.");
    f("carbon_intensity", &Prices::carbon,
      "Carbon of electricity [g/kWh]; the default is a world average, not your grid.");
    f("pue", &Prices::pue, "Site energy per machine energy [>= 1].");
  }

  Money cost(Energy energy, Duration time) const;
  // The same unrounded, in main units of currency(): a joule costs less than a millionth.
  double cost_in_units(Energy energy, Duration time) const;
  Carbon emissions(Energy energy) const;
  Currency currency() const;  // of cost()
  // Which figures are defaults: "price 0.15usd/kWh and carbon 494g/kWh are defaults (unverified);
  // set --price and --carbon-intensity"; empty when the user set both.
  std::string note() const;
  // kBadValue: a PUE below 1, or a money limit in another currency than the price.
  Status check(std::optional<Money> money_limit) const;
};

}  // namespace tenbin
