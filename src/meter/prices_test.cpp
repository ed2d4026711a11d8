// SPDX-License-Identifier: Apache-2.0
#include "meter/prices.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(Prices, AreReadWithTheirUnits) {
  EXPECT_EQ(parse_energy_price("0.30usd/kWh")->per_kwh, money(0.3, Currency{}));
  EXPECT_EQ(parse_energy_price("90usd/MWh")->per_kwh, money(0.09, Currency{}));
  EXPECT_EQ(parse_machine_price("1.2usd/h")->per_hour, money(1.2, Currency{}));
  EXPECT_DOUBLE_EQ(parse_carbon_intensity("400g/kWh")->grams_per_kwh, 400);
  EXPECT_DOUBLE_EQ(parse_carbon_intensity("400kg/MWh")->grams_per_kwh, 400);
  for (const char* text : {"0.30usd", "0.3/kWh", "usd/kWh", "0.3usd/J", "", "-1usd/kWh"}) {
    EXPECT_FALSE(parse_energy_price(text).ok()) << text;
  }
}

TEST(Prices, CostOfEnergyOrOfARentedMachineNeverBoth) {
  Prices prices;
  prices.price.per_kwh = money(0.30, Currency{});
  EXPECT_EQ(prices.cost(joules(3.6e6), 1h), money(0.30, Currency{}));
  prices.pue = 1.5;
  EXPECT_EQ(prices.cost(joules(3.6e6), 1h), money(0.45, Currency{}));
  EXPECT_NEAR(in_grams(prices.emissions(joules(3.6e6))), 494 * 1.5, 1e-6);
  prices.machine.per_hour = money(2, Currency{});
  EXPECT_EQ(prices.cost(joules(3.6e6), 30min), money(1, Currency{}));
}

TEST(Prices, DefaultsAreNamed) {
  Prices prices;
  EXPECT_NE(prices.note().find("--price"), std::string::npos);
  prices.price.per_kwh = money(0.2, Currency{});
  EXPECT_EQ(prices.note().find("--price"), std::string::npos);
  prices.carbon.grams_per_kwh = 100;
  EXPECT_EQ(prices.note(), "");
  EXPECT_FALSE(prices.check(money(5, Currency{{'J', 'P', 'Y'}})).ok()) << "another currency";
  prices.pue = 0.5;
  EXPECT_FALSE(prices.check(std::nullopt).ok());
}

}  // namespace
}  // namespace tenbin
