// SPDX-License-Identifier: Apache-2.0
#include "meter/prices.h"

#include <cmath>

namespace tenbin {
namespace {

struct Rate {
  std::string_view amount;
  double divide = 1;
};

// "0.3usd/kWh" to {"0.3usd", how many of the wanted unit the unit holds}.
Result<Rate> split(std::string_view text, bool energy, std::string_view example) {
  const auto slash = text.find('/');
  const std::string_view unit = slash == text.npos ? "" : text.substr(slash + 1);
  const std::string_view amount = text.substr(0, slash);
  if (energy && unit == "kWh") return Rate{amount, 1};
  if (energy && unit == "MWh") return Rate{amount, 1000};
  if (!energy && (unit == "h" || unit == "hour")) return Rate{amount, 1};
  return Error(ErrorCode::kBadValue, "'" + std::string(text) +
                                         "' is not a price or rate: expected " +
                                         (energy ? "an amount per kWh or MWh" : "money per h") +
                                         ", like " + std::string(example));
}

}  // namespace

Result<EnergyPrice> parse_energy_price(std::string_view text) {
  TENBIN_TRY(const Rate rate, split(text, true, "0.30usd/kWh"));
  TENBIN_TRY(Money m, parse_money(rate.amount));
  return EnergyPrice{money(in_units(m) / rate.divide, m.currency)};
}

Result<MachinePrice> parse_machine_price(std::string_view text) {
  TENBIN_TRY(const Rate rate, split(text, false, "1.20usd/h"));
  TENBIN_TRY(const Money m, parse_money(rate.amount));
  return MachinePrice{m};
}

Result<CarbonIntensity> parse_carbon_intensity(std::string_view text) {
  TENBIN_TRY(const Rate rate, split(text, true, "400g/kWh"));
  TENBIN_TRY(const Carbon c, parse_carbon(rate.amount));
  return CarbonIntensity{in_grams(c) / rate.divide};
}

std::string to_text(EnergyPrice price) { return to_text(price.per_kwh) + "/kWh"; }
std::string to_text(MachinePrice price) { return to_text(price.per_hour) + "/h"; }
std::string to_text(CarbonIntensity intensity) {
  return to_text(intensity.grams_per_kwh, 4) + " g/kWh";
}

Currency Prices::currency() const {
  return machine.per_hour.billionths > 0 ? machine.per_hour.currency : price.per_kwh.currency;
}

double Prices::cost_in_units(Energy energy, Duration time) const {
  if (machine.per_hour.billionths > 0) {
    return in_units(machine.per_hour) * in_seconds(time) / 3600;
  }
  return in_units(price.per_kwh) * in_kilowatt_hours(energy) * pue;
}

Money Prices::cost(Energy energy, Duration time) const {
  return money(cost_in_units(energy, time), currency());
}

Carbon Prices::emissions(Energy energy) const {
  return grams_co2e(in_kilowatt_hours(energy) * pue * carbon.grams_per_kwh);
}

std::string Prices::note() const {
  const Prices usual;
  std::string what, flags;
  if (price == usual.price && machine.per_hour.billionths == 0) {
    what = "price " + to_text(price);
    flags = "--price";
  }
  if (carbon == usual.carbon) {
    what += (what.empty() ? "" : " and ") + ("carbon " + to_text(carbon));
    flags += (flags.empty() ? "" : " and ") + std::string("--carbon-intensity");
  }
  if (what.empty()) return {};
  return what + (flags.find(" and ") == flags.npos ? " is a default" : " are defaults") +
         " (constant, unverified); set " + flags;
}

Status Prices::check(std::optional<Money> money_limit) const {
  if (!(pue >= 1) || !std::isfinite(pue)) {
    return Error(ErrorCode::kBadValue, "pue is " + to_text(pue) + ", expected 1 or more");
  }
  if (money_limit && !(money_limit->currency == currency())) {
    return Error(ErrorCode::kBadValue, "the limit is in " +
                                           std::string(money_limit->currency.text()) +
                                           ", the price in " + std::string(currency().text()))
        .with_hint("give the price in the same currency, like --price 30" +
                   std::string(money_limit->currency.text()) + "/kWh");
  }
  return {};
}

}  // namespace tenbin
