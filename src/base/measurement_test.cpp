// SPDX-License-Identifier: Apache-2.0
#include "base/measurement.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(Tally, NeverMixesMeasuredWithModelled) {
  Tally tally;
  EXPECT_EQ(tally.provenance_text(), "unknown");
  tally.add(EnergyOf<Provenance::kMeasured>(joules(3)));
  EXPECT_EQ(tally.provenance_text(), "measured");
  tally.add(EnergyOf<Provenance::kModelled>(joules(1)));
  EXPECT_FALSE(tally.single().has_value());
  EXPECT_EQ(tally.provenance_text(), "mixed (measured 3 J, modelled 1 J)");
  EXPECT_EQ(tally.of(Provenance::kMeasured), joules(3));
  EXPECT_EQ(tally.total(), joules(4));
}

TEST(Provenance, NamesReadBack) {
  for (int i = 0; i < kProvenances; ++i) {
    const auto p = static_cast<Provenance>(i);
    EXPECT_EQ(parse_provenance(provenance_name(p)), p);
  }
  EXPECT_FALSE(parse_provenance("guessed").has_value());
}

}  // namespace
}  // namespace tenbin
