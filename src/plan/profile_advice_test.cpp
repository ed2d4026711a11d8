// SPDX-License-Identifier: Apache-2.0
#include "plan/profile_advice.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

ProfiledNode node(const char* name, std::vector<std::string> ops, Duration time) {
  ProfiledNode out;
  out.name = name;
  out.ops = std::move(ops);
  out.time = time;
  return out;
}

// A convolution that needs `floor` of arithmetic at the peak.
ProfiledNode conv(const char* name, Duration time, Duration floor) {
  ProfiledNode out = node(name, {"Conv", "Relu"}, time);
  out.macs = Macs{1'000'000};
  out.floor.compute = floor;
  return out;
}

ProfileSnapshot of(std::vector<ProfiledNode> nodes) {
  ProfileSnapshot out;
  out.nodes = std::move(nodes);
  for (const ProfiledNode& n : out.nodes) out.total += n.time;
  return out;
}

TEST(ProfileAdvice, NamesWhatTakesTheTime) {
  ProfiledNode conversion = node("dense", {"Gemm"}, 30us);
  conversion.ran = RanIn::kConversion;
  ProfiledNode erf = node("erf", {"Erf"}, 50us);
  erf.ran = RanIn::kPlain;
  ProfiledNode depthwise = conv("dw", 60us, 20us);
  depthwise.depthwise = true;
  ProfiledNode dense = node("dense", {"Gemm"}, 80us);
  dense.macs = Macs{1000};
  dense.floor = {1us, 60us};
  const struct {
    const char* why;
    ProfileSnapshot profile;
    const char* what;
    const char* because;
  } rows[] = {
      {"conversions", of({conv("c", 50us, 25us), conversion}), "keep one layout",
       "38 % of the time, most before 'dense'"},
      {"reference code", of({conv("c", 50us, 25us), erf}), "replace or move out Erf",
       "1 node, 50 % of the time, 'erf'"},
      {"a normalisation alone",
       of({conv("c", 50us, 25us), node("bn", {"BatchNormalization", "Relu"}, 20us)}),
       "fold the batch normalisation", "29 %"},
      {"passes over memory", of({conv("c", 50us, 25us), node("add", {"Add"}, 50us)}), "fuse passes",
       "1 node, 50 % of the time, 'add'"},
      {"a layer that waits for its weights", of({dense}), "answer more rows at once",
       "read again for every row"},
      {"depthwise", of({depthwise}), "depthwise", "bandwidth bounds it"},
      {"a shape that does not fill the vectors", of({conv("first", 100us, 10us)}),
       "give slow layers shapes", "there 10 %"},
      {"at the limit", of({conv("c", 100us, 90us)}), "do less arithmetic", "90 % of the peak"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto advice = first_changes(row.profile);
    ASSERT_FALSE(advice.empty());
    EXPECT_NE(advice[0].what.find(row.what), std::string::npos) << advice[0].what;
    EXPECT_NE(advice[0].why.find(row.because), std::string::npos) << advice[0].why;
    EXPECT_GT(advice[0].share, 0);
    EXPECT_LE(advice[0].share, 1);
  }
}

TEST(ProfileAdvice, LowerPrecisionIsNamedOnlyWhereThePeakIsHigher) {
  ProfileSnapshot profile = of({conv("c", 100us, 90us)});
  EXPECT_EQ(first_changes(profile)[0].why.find("precision"), std::string::npos);
  profile.int8_gain = 4;
  EXPECT_NE(first_changes(profile)[0].why.find("4.0 times as high"), std::string::npos);
}

TEST(ProfileAdvice, BatchesAndThreadsFromWhatWasMeasured) {
  ProfileSnapshot profile = of({conv("c", 100us, 50us)});
  EXPECT_TRUE(first_changes(profile).empty()) << "half of the peak: nothing is made up";
  profile.best_batch = 32;
  profile.best_batch_gain = 4;
  ASSERT_EQ(first_changes(profile).size(), 1U);
  EXPECT_EQ(first_changes(profile)[0].what, "answer 32 rows at once");
  profile.batch = 32;
  profile.best_batch_gain = 1;
  profile.threads_here = 2;
  ASSERT_EQ(first_changes(profile).size(), 1U);
  EXPECT_EQ(first_changes(profile)[0].what, "use 2 threads");
}

TEST(ProfileAdvice, BestFirstAndNoMoreThanAsked) {
  std::vector<ProfiledNode> nodes;
  for (const char* op : {"A", "B", "C", "D"}) {
    nodes.push_back(node(op, {op}, Duration(10us) * (nodes.size() + 1)));
    nodes.back().ran = RanIn::kPlain;
  }
  const auto advice = first_changes(of(nodes));
  ASSERT_EQ(advice.size(), 3U);
  EXPECT_EQ(advice[0].what, "replace or move out D");
  EXPECT_EQ(advice[2].what, "replace or move out B");
  EXPECT_EQ(first_changes(of(nodes), 1).size(), 1U);
  EXPECT_TRUE(first_changes({}).empty());
}

}  // namespace
}  // namespace tenbin
