// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/proof.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

// A proof in which everything holds.
ShrinkProof good() {
  ShrinkProof out;
  out.answers.drop = {0.001, -0.001, 0.003};
  out.pairs.faster = {3, 2.9, 3.1};
  out.pairs.fewer_joules = Proven{2, 1.9, 2.1};
  out.times_smaller = 4;
  return out;
}

TEST(BrokenPromises, TheUpperEndOfTheDropCounts) {
  Promise promise;
  EXPECT_TRUE(broken_promises(good(), promise).empty());
  ShrinkProof proof = good();
  proof.answers.drop.high = 0.006;
  const auto found = broken_promises(proof, promise);
  ASSERT_EQ(found.size(), 1U) << "it fell by 0.1 pt, but 0.6 pt are not ruled out";
  EXPECT_NE(found[0].find("0.6 pt"), std::string::npos) << found[0];
}

TEST(BrokenPromises, AnIntervalThatCrossesOneIsNoGain) {
  ShrinkProof proof = good();
  proof.pairs.faster = {1.2, 0.99, 1.4};
  EXPECT_EQ(broken_promises(proof, {}).size(), 1U);
  Promise size;
  size.goal = ShrinkGoal::kSize;
  EXPECT_TRUE(broken_promises(proof, size).empty()) << "a smaller file need not be faster";
  proof.pairs.faster = {0.9, 0.85, 0.95};
  EXPECT_EQ(broken_promises(proof, size).size(), 1U) << "but not slower either";
}

TEST(BrokenPromises, MeasuredAgainWhatIsStillBetterHolds) {
  Promise first, again;
  again.again = true;
  ShrinkProof proof = good();
  proof.pairs.faster = {1.03, 1.01, 1.05};
  EXPECT_EQ(broken_promises(proof, first).size(), 1U) << "too little to hold again";
  EXPECT_TRUE(broken_promises(proof, again).empty());
  proof.pairs.faster = {1.01, 0.99, 1.03};
  EXPECT_EQ(broken_promises(proof, again).size(), 1U) << "no faster any more";
  proof = good();
  proof.pairs.fewer_joules = Proven{1.02, 0.93, 1.08};
  EXPECT_EQ(broken_promises(proof, first).size(), 1U) << "may be hungrier: not shipped";
  EXPECT_TRUE(broken_promises(proof, again).empty()) << "not shown to be";
  proof.pairs.fewer_joules = Proven{0.9, 0.85, 0.98};
  EXPECT_EQ(broken_promises(proof, again).size(), 1U);
}

TEST(BrokenPromises, EnergyMustBeKnownWhereItIsTheGoal) {
  ShrinkProof proof = good();
  proof.pairs.fewer_joules.reset();
  EXPECT_TRUE(broken_promises(proof, {}).empty());
  Promise energy;
  energy.goal = ShrinkGoal::kEnergy;
  EXPECT_EQ(broken_promises(proof, energy).size(), 1U);
  proof.pairs.fewer_joules = Proven{0.9, 0.8, 0.95};
  EXPECT_EQ(broken_promises(proof, {}).size(), 1U) << "faster and hungrier is not shipped";
}

TEST(BrokenPromises, LimitsThatDoNotHoldAreNamed) {
  ShrinkProof proof = good();
  LimitCheck check;
  check.name = "size";
  check.reason = "size is 400 KB, allowed are 300 KB";
  proof.limits = {check};
  EXPECT_EQ(broken_promises(proof, {}), std::vector<std::string>{check.reason});
}

}  // namespace
}  // namespace tenbin
